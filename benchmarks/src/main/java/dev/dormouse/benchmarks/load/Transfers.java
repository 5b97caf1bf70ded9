package dev.dormouse.benchmarks.load;

import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/**
 * Calls of {@code transfer(from: u32, to: u32, amount: i64)} of the module in {@code
 * examples/bank}.
 */
final class Transfers implements Calls {
  private static final int ARGUMENT_BYTES = 16;
  private static final int AMOUNT_MAX = 100;

  private final byte[] template = CallReducer.message(0, "transfer", new byte[ARGUMENT_BYTES]);
  private final Accounts accounts;
  private final SplittableRandom random;

  Transfers(Accounts accounts, SplittableRandom random) {
    this.accounts = accounts;
    this.random = random;
  }

  @Override
  public int bytes() {
    return template.length;
  }

  @Override
  public void put(ByteBuffer out, int requestId) {
    int from = accounts.pick(random);
    int to = accounts.pick(random);
    if (from == to) {
      to = to + 1 == accounts.count() ? 0 : to + 1;
    }
    put(out, requestId, from, to, 1 + random.nextInt(AMOUNT_MAX));
  }

  void put(ByteBuffer out, int requestId, int from, int to, long amount) {
    int at = out.position();
    out.put(template);
    out.putInt(at + CallReducer.REQUEST_ID_AT, requestId);
    int arguments = at + template.length - ARGUMENT_BYTES;
    out.putInt(arguments, from);
    out.putInt(arguments + 4, to);
    out.putLong(arguments + 8, amount);
  }
}
