package dev.dormouse.sats.module;

/**
 * How large a module definition may be. Checked while it is read, before anything is allocated.
 *
 * @param definitionBytesMax bytes of the whole description
 * @param partsMax types, members of types and list elements of every kind together
 * @param tablesMax tables, those of submodules included
 * @param columnsMax columns of one table or view, parameters of one function
 * @param functionsMax reducers, procedures, views and HTTP handlers together, those of submodules
 *     included
 * @param submodulesMax mounted submodules on all levels together
 * @param submoduleDepthMax levels of submodules below the root
 * @param nameBytesMax UTF-8 bytes of one name, given or generated
 * @param inlinedNodesMax nodes of all column types together, with references replaced
 */
public record DefinitionLimits(
    int definitionBytesMax,
    int partsMax,
    int tablesMax,
    int columnsMax,
    int functionsMax,
    int submodulesMax,
    int submoduleDepthMax,
    int nameBytesMax,
    int inlinedNodesMax) {
  /** The limits of a node that nobody configured. */
  public static final DefinitionLimits DEFAULT =
      new DefinitionLimits(8 << 20, 1 << 18, 4_096, 4_096, 8_192, 256, 8, 4_096, 1 << 20);

  public DefinitionLimits {
    if (definitionBytesMax <= 0 || partsMax <= 0 || submodulesMax < 0 || submoduleDepthMax < 0) {
      throw new IllegalArgumentException("limits of a module definition must be positive");
    }
    if (submoduleDepthMax > 64) {
      throw new IllegalArgumentException(
          "submodules nested %d deep, must be at most 64".formatted(submoduleDepthMax));
    }
    if (tablesMax > partsMax || functionsMax > partsMax || columnsMax > partsMax) {
      throw new IllegalArgumentException(
          "%d parts must hold %d tables, %d functions, %d columns"
              .formatted(partsMax, tablesMax, functionsMax, columnsMax));
    }
    if (columnsMax > 0xffff) {
      throw new IllegalArgumentException("a column id has 16 bits, got " + columnsMax + " columns");
    }
    if (nameBytesMax < 63 || nameBytesMax > definitionBytesMax) {
      throw new IllegalArgumentException(
          "names of %d bytes in definitions of %d bytes, must be at least 63"
              .formatted(nameBytesMax, definitionBytesMax));
    }
  }
}
