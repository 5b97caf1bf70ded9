package dev.dormouse.runtimenode.databases;

import dev.dormouse.database.Program;

/**
 * A program that came with a request, checked and compiled.
 *
 * @param bytes of the program as it came
 */
public record Uploaded(Program program, int bytes) {}
