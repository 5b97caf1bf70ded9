package dev.dormouse.simulation;

import java.util.List;
import java.util.random.RandomGenerator;

/** The modules that databases of a world run. */
@SuppressWarnings("EnumOrdinal") // drawn at random by position
enum Example {
  BANK("examples/bank/bank.wasm", "account"),
  CHAT("examples/chat/chat.wasm", "message"),
  REGISTER("fixtures/migrate/base.wasm", "person");

  /** Accounts of a bank. */
  static final int ACCOUNTS = 6;

  /** What each holds at first. */
  static final long BALANCE = 1_000_000;

  private final String path;
  private final String mainTable;

  Example(String path, String mainTable) {
    this.path = path;
    this.mainTable = mainTable;
  }

  /** Any of them. */
  static Example of(RandomGenerator random) {
    return values()[random.nextInt(values().length)];
  }

  /** The module's file in the repository. */
  String path() {
    return path;
  }

  /** The table that its calls fill. */
  String mainTable() {
    return mainTable;
  }

  /** All of that table. */
  Query everything() {
    return new Query.All(mainTable);
  }

  /**
   * Something to call.
   *
   * @param number never used before
   */
  Deed deed(RandomGenerator random, int number) {
    boolean refused = random.nextInt(12) == 0;
    return switch (this) {
      case BANK -> {
        int from = random.nextInt(ACCOUNTS);
        int to = refused ? from : (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
        yield new Deed.Transfer(from, to, number);
      }
      case CHAT -> {
        String text = refused ? "" : "t" + number;
        yield random.nextInt(3) == 0 ? new Deed.Rename(text) : new Deed.Say(text);
      }
      case REGISTER -> new Deed.Add("t" + number);
    };
  }

  /** Something to ask. */
  Query query(RandomGenerator random) {
    return switch (this) {
      case BANK ->
          random.nextBoolean() ? everything() : new Query.Account(random.nextInt(ACCOUNTS));
      case CHAT ->
          switch (random.nextInt(3)) {
            case 0 -> new Query.All("user");
            case 1 -> new Query.Online();
            default -> everything();
          };
      case REGISTER ->
          random.nextBoolean() ? everything() : new Query.Numbered(random.nextInt(1, ACCOUNTS));
    };
  }

  /** Queries for a set, no two of them equal. */
  List<Query> set(RandomGenerator random) {
    Query one = query(random);
    Query other = query(random);
    return one.equals(other) ? List.of(one) : List.of(one, other);
  }
}
