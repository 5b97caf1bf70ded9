package dev.dormouse.residence;

import java.util.concurrent.CompletionStage;

/** Where a node tells what is to be archived: an {@link Archiver}, or a channel to one. */
@FunctionalInterface
public interface Archive {
  /** As {@link Archiver#archive}. */
  CompletionStage<Void> archive(ArchiveRange range);
}
