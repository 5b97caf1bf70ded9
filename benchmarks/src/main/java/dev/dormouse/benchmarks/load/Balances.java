package dev.dormouse.benchmarks.load;

import java.io.IOException;

/** The money of a bank. */
public record Balances(long accounts, long sum) {
  static Balances read(Api api, String database) throws IOException, InterruptedException {
    return parse(api.sql(database, "SELECT id, balance FROM account"));
  }

  /** Reads {@code …"rows":[[id,balance],[id,balance],…]…}. Source: spec http-api §7. */
  static Balances parse(String json) {
    int at = json.indexOf("\"rows\"");
    if (at < 0) {
      throw new IllegalArgumentException("an SQL answer without rows");
    }
    at = json.indexOf('[', at) + 1;
    long rows = 0;
    long sum = 0;
    while (true) {
      int open = json.indexOf('[', at);
      int end = json.indexOf(']', at);
      if (open < 0 || open > end) {
        return new Balances(rows, sum);
      }
      int comma = json.indexOf(',', open);
      sum = Math.addExact(sum, Long.parseLong(json.substring(comma + 1, end).strip()));
      rows++;
      at = end + 1;
    }
  }
}
