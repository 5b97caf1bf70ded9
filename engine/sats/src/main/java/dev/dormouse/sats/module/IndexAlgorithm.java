package dev.dormouse.sats.module;

import java.util.List;

/** How an index finds rows, and over which columns. Source: spec data-model §6.1. */
public sealed interface IndexAlgorithm {
  /** The columns in the listed order, which is the order of the key. */
  List<Integer> columns();

  /** The word in a generated name, such as {@code btree}. */
  String suffix();

  /** Ordered; serves points, prefixes and ranges. */
  record BTree(List<Integer> columns) implements IndexAlgorithm {
    public BTree {
      columns = List.copyOf(columns);
    }

    @Override
    public String suffix() {
      return "btree";
    }
  }

  /** Serves points only. */
  record Hash(List<Integer> columns) implements IndexAlgorithm {
    public Hash {
      columns = List.copyOf(columns);
    }

    @Override
    public String suffix() {
      return "hash";
    }
  }

  /** An array by the value of one small unsigned integer or plain enum column. */
  record Direct(int column) implements IndexAlgorithm {
    @Override
    public List<Integer> columns() {
      return List.of(column);
    }

    @Override
    public String suffix() {
      return "direct";
    }
  }
}
