package dev.dormouse.modulehost;

import dev.dormouse.sats.BsatnWriter;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * The figures of docs/decisions/0003-guest-memory.md: run {@code main} with the test classes. Not a
 * test: it asserts nothing about time.
 */
final class Measurements {
  private static final int ACCOUNTS = 100_000;
  private static final int BATCH = 200_000;
  private static final int ROUNDS = 15;

  private Measurements() {}

  public static void main(String[] args) {
    byte[] bank = Guests.file("examples/bank/bank.wasm");
    byte[] chat = Guests.file("examples/chat/chat.wasm");
    startUp("bank", bank);
    startUp("chat", chat);
    footprint(chat);
    transfers(bank);
  }

  private static void transfers(byte[] bank) {
    AccountHost host = new AccountHost();
    WasmInstance instance = Guests.instance(bank, host);
    Guests.call(
        instance, 0, new BsatnWriter().writeI32(ACCOUNTS).writeI64(1_000_000).toByteArray());
    SplittableRandom random = new SplittableRandom(1);
    byte[][] arguments = new byte[4_096][];
    for (int i = 0; i < arguments.length; i++) {
      int from = random.nextInt(ACCOUNTS);
      int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
      arguments[i] = RustModulesTest.transfer(from, to, 1);
    }
    double[] nanos = new double[ROUNDS];
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) java.lang.management.ManagementFactory.getThreadMXBean();
    long allocated = 0;
    for (int round = 0; round < ROUNDS; round++) {
      allocated = threads.getCurrentThreadAllocatedBytes();
      long start = System.nanoTime();
      for (int i = 0; i < BATCH; i++) {
        CallOutcome outcome = Guests.call(instance, 1, arguments[i & 4_095]);
        if (!(outcome instanceof CallOutcome.Returned)) {
          throw new IllegalStateException(outcome.toString());
        }
      }
      nanos[round] = (System.nanoTime() - start) / (double) BATCH;
      allocated = threads.getCurrentThreadAllocatedBytes() - allocated;
    }
    System.out.println("transfer ns " + Arrays.toString(nanos));
    System.out.printf(
        "transfer: median of the last 9 rounds %.0f ns, %d bytes allocated%n",
        Arrays.stream(nanos).skip(ROUNDS - 9).sorted().skip(4).findFirst().orElseThrow(),
        allocated / BATCH);
  }

  private static void startUp(String name, byte[] program) {
    for (int round = 0; round < 12; round++) {
      long t0 = System.nanoTime();
      ModuleArtefact artefact = Guests.RUNTIME.compile(program, CompileLimits.STANDARD);
      long t1 = System.nanoTime();
      byte[] stored = artefact.toBytes();
      long t2 = System.nanoTime();
      ModuleArtefact read = ModuleArtefact.fromBytes(stored).orElseThrow();
      LoadedModule loaded = Guests.RUNTIME.load(read);
      long t3 = System.nanoTime();
      Guests.instance(loaded, new MapHost(), InstanceLimits.STANDARD);
      long t4 = System.nanoTime();
      Guests.instance(loaded, new MapHost(), InstanceLimits.STANDARD);
      long t5 = System.nanoTime();
      if (round % 4 == 3 || round == 0) {
        System.out.printf(
            "%s round %d: compile %.1f ms, artefact %d bytes, load %.2f ms, first instance %.2f ms,"
                + " second %.0f µs%n",
            name,
            round,
            (t1 - t0) / 1e6,
            stored.length,
            (t3 - t2) / 1e6,
            (t4 - t3) / 1e6,
            (t5 - t4) / 1e3);
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
    int connected = Definitions.reducers(instance.description()).indexOf("client_connected");
    int send = Definitions.reducers(instance.description()).indexOf("send_message");
    Guests.call(instance, connected, new byte[0]);
    for (int i = 0; i < 100; i++) {
      Guests.call(instance, send, new BsatnWriter().writeString("hello " + i).toByteArray());
    }
    System.out.printf(
        "chat: guest memory of %d bytes takes %d when fresh, %d after 100 messages%n",
        instance.guestMemory().size(), fresh, instance.memoryBytes());
  }
}
