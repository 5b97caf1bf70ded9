package dev.dormouse.modulehost;

import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.MemoryBudget;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The figures of docs/decisions/0007-guest-memory.md: run {@code main} with the test classes. Not a
 * test: it asserts nothing about time.
 */
final class Measurements {

  private static final int BATCH = 200_000;
  private static final int ROUNDS = 15;
  private static final int START_ROUNDS = 30;

  private Measurements() {}

  public static void main(String[] args) {
    byte[] bank = Guests.file("examples/bank/bank.wasm");
    byte[] chat = Guests.file("examples/chat/chat.wasm");
    if (args.length == 0) {
      startUp("bank", bank);
      startUp("chat", chat);
      startUp("abi fixture", Guests.file("fixtures/abi/abi.wasm"));
      footprint(chat);
    }
    memoryAccess();

    recursion();
    transfers(bank, 1_000);
    transfers(bank, 100_000);
    growth();
    System.out.println("after the JVM has seen large memories:");
    transfers(bank, 1_000);
  }

  private static void transfers(byte[] bank, int accounts) {
    AccountHost host = new AccountHost();
    WasmInstance instance = Guests.instance(bank, host);
    Guests.call(
        instance, 0, new BsatnWriter().writeI32(accounts).writeI64(1_000_000).toByteArray());
    SplittableRandom random = new SplittableRandom(1);
    byte[][] arguments = new byte[4_096][];
    for (int i = 0; i < arguments.length; i++) {
      int from = random.nextInt(accounts);
      int to = (from + 1 + random.nextInt(accounts - 1)) % accounts;
      arguments[i] = RustModulesTest.transfer(from, to, 1);
    }
    double[] nanos = new double[ROUNDS];
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated = 0;
    for (int round = 0; round < ROUNDS; round++) {
      allocated = threads.getCurrentThreadAllocatedBytes();
      long start = cpu();
      for (int i = 0; i < BATCH; i++) {
        CallOutcome outcome = Guests.call(instance, 1, arguments[i & 4_095]);
        if (!(outcome instanceof CallOutcome.Returned)) {
          throw new IllegalStateException(outcome.toString());
        }
      }
      nanos[round] = (cpu() - start) / (double) BATCH;
      allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
    }
    System.out.printf(
        "transfer, %d accounts: best %.0f ns, median of the last 9 rounds %.0f ns, %d bytes%n",
        accounts,
        Arrays.stream(nanos).min().orElseThrow(),
        Arrays.stream(nanos).skip(ROUNDS - 9).sorted().skip(4).findFirst().orElseThrow(),
        allocated / BATCH);
  }

  /** CPU time of this thread: wall time would count what else the machine does. */
  private static long cpu() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  /** A loop of dependent i32 loads and stores over 64 KiB: ns for one of each. */
  private static void memoryAccess() {
    WasmBuilder builder = ModuleChecksTest.abi().memory(4);
    int rounds = 1_000_000;
    int loop =
        builder.function(
            "i",
            "",
            "ii",
            code -> {
              code.op(0x03, 0x40);
              code.local(1).i32(0xfffc).op(0x71, 0x22, 2); // address = local 1 & 0xfffc
              code.local(2).op(0x28, 2).unsigned(65_536).i32(7).op(0x6a, 0x36, 2).unsigned(65_540);
              code.local(1).i32(4).op(0x6a, 0x21, 1);
              code.local(0).i32(1).op(0x6b, 0x22, 0, 0x0d, 0, 0x0b);
            });
    builder.reducer(code -> code.i32(rounds).call(loop).i32(0));
    System.out.printf("load and store: %.2f ns%n", best(builder.build()) / rounds);
  }

  /** Memory from one page to 128 MiB page by page, every i64 of it written: CPU time. */
  private static void growth() {
    for (int round = 0; round < 3; round++) {
      long start = cpu();
      LinearMemory memory = new LinearMemory(1, 2_048, 0, MemoryBudget.unlimited().open());
      while (memory.pages() < memory.maximumPages()) {
        int at = (int) memory.size();
        memory.grow(1);
        for (int address = at; address < memory.size(); address += Long.BYTES) {
          memory.writeLong(address, address);
        }
      }
      System.out.printf("growth to 128 MiB, all written: %.0f ms%n", (cpu() - start) / 1e6);
    }
  }

  /** Calls of a function that calls itself twice: ns for one. */
  private static void recursion() {
    WasmBuilder builder = ModuleChecksTest.abi();
    int self = 1;
    builder.function(
        "i",
        "i",
        code -> {
          code.local(0).i32(2).op(0x48, 0x04, 0x7f).local(0).op(0x05);
          code.local(0).i32(1).op(0x6b).call(self);
          code.local(0).i32(2).op(0x6b).call(self).op(0x6a, 0x0b);
        });
    builder.reducer(code -> code.i32(25).call(self).drop().i32(0));
    System.out.printf("recursive call: %.2f ns%n", best(builder.build()) / 242_785);
  }

  private static double best(byte[] program) {
    WasmInstance instance = Guests.instance(program, new MapHost());
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 100; i++) {
      long start = cpu();
      Guests.call(instance);
      best = Math.min(best, cpu() - start);
    }
    return best;
  }

  private static void startUp(String name, byte[] program) {
    long[] best = {Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE};
    for (int round = 0; round < START_ROUNDS; round++) {
      long t0 = cpu();
      ModuleArtefact artefact = Guests.RUNTIME.compile(program, CompileLimits.STANDARD);
      long t1 = cpu();
      byte[] stored = artefact.toBytes();
      long t2 = cpu();
      LoadedModule loaded = Guests.RUNTIME.load(ModuleArtefact.fromBytes(stored).orElseThrow());
      long t3 = cpu();
      Guests.instance(loaded, new MapHost(), InstanceLimits.STANDARD);
      long t4 = cpu();
      Guests.instance(loaded, new MapHost(), InstanceLimits.STANDARD);
      long t5 = cpu();
      long[] taken = {t1 - t0, t3 - t2, t4 - t3, t5 - t4};
      for (int i = 0; i < taken.length; i++) {
        best[i] = Math.min(best[i], taken[i]);
      }
      if (round == 0 || round == START_ROUNDS - 1) {
        System.out.printf(
            "%s, %s of %d: artefact %d bytes, compile %.1f ms, load %.2f ms, instance %.2f ms,"
                + " another %.2f ms%n",
            name,
            round == 0 ? "first" : "best",
            START_ROUNDS,
            stored.length,
            best[0] / 1e6,
            best[1] / 1e6,
            best[2] / 1e6,
            best[3] / 1e6);
      }
    }
  }

  private static void footprint(byte[] chat) {
    MapHost host = new MapHost();
    host.addTable("user", 32, "user_identity_idx_btree");
    host.addTable("message", 0);
    LoadedModule loaded = Guests.load(chat);
    Guests.instance(loaded, host, InstanceLimits.STANDARD);
    WasmInstance instance = Guests.instance(loaded, host, InstanceLimits.STANDARD);
    long fresh = instance.memoryBytes();
    int connected = Definitions.reducer(instance, "client_connected");
    int send = Definitions.reducer(instance, "send_message");
    Guests.call(instance, connected, new byte[0]);
    for (int i = 0; i < 100; i++) {
      Guests.call(instance, send, new BsatnWriter().writeString("hello " + i).toByteArray());
    }
    System.out.printf(
        "chat: guest memory of %d bytes takes %d when fresh, %d after 100 messages%n",
        instance.guestMemory().size(), fresh, instance.memoryBytes());
  }
}
