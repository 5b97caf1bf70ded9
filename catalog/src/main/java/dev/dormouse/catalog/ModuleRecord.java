package dev.dormouse.catalog;

import dev.dormouse.sats.ModuleHash;

/**
 * A program that was published. Its bytes are in the artefact store.
 *
 * @param hash Keccak-256 of the program
 * @param hostType what runs it
 * @param bytes size of the program
 * @param location where the artefact store keeps it
 */
public record ModuleRecord(ModuleHash hash, HostType hostType, long bytes, String location) {}
