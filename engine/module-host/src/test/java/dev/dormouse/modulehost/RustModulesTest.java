package dev.dormouse.modulehost;

import static dev.dormouse.modulehost.Guests.call;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.BsatnReader;
import dev.dormouse.sats.BsatnWriter;
import dev.dormouse.sats.module.ModuleSchema;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The modules of examples and fixtures, made with the public crate. */
final class RustModulesTest {
  private static final int SEED = 0;
  private static final int TRANSFER = 1;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "abi/abi",
        "chat-1.12/chat-1.12",
        "env-required/env-required",
        "event-tables/event-tables",
        "migrate/base",
        "outbox/outbox",
        "procedures/procedures",
        "rls/rls",
        "schedules/schedules",
        "views/views"
      })
  void fixturesLoadAndDescribeThemselves(String name) {
    byte[] program = Guests.file("fixtures/" + name + ".wasm");
    WasmInstance instance = Guests.instance(program, new MapHost());
    ModuleSchema schema = ModuleSchema.fromDescription(instance.description());
    assertFalse(schema.tables().isEmpty() && schema.reducers().isEmpty());
  }

  static MapHost bankHost() {
    MapHost host = new MapHost();
    host.addTable("account", 4, "account_id_idx_btree");
    return host;
  }

  static byte[] transfer(int from, int to, long amount) {
    return new BsatnWriter().writeI32(from).writeI32(to).writeI64(amount).toByteArray();
  }

  static long balance(MapHost.Table accounts, int id) {
    ByteBuffer key = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(0, id);
    return new BsatnReader(Objects.requireNonNull(accounts.rows().get(key)), 4, 8).readI64();
  }

  @Test
  void bankMovesMoneyAndSaysWhyNot() {
    MapHost host = new MapHost();
    MapHost.Table accounts = host.addTable("account", 4, "account_id_idx_btree");
    WasmInstance bank = Guests.instance(Guests.file("examples/bank/bank.wasm"), host);
    byte[] seed = new BsatnWriter().writeI32(10).writeI64(100).toByteArray();
    assertEquals(new CallOutcome.Returned(), call(bank, SEED, seed));
    assertEquals(10, accounts.rows().size());
    assertEquals(new CallOutcome.Returned(), call(bank, TRANSFER, transfer(3, 7, 25)));
    assertEquals(75, balance(accounts, 3));
    assertEquals(125, balance(accounts, 7));
    assertEquals(
        new CallOutcome.UserError("insufficient funds"), call(bank, TRANSFER, transfer(3, 7, 76)));
    assertEquals(
        new CallOutcome.UserError("no account 99"), call(bank, TRANSFER, transfer(99, 7, 1)));
    assertFalse(bank.isPoisoned());
  }

  @Test
  void descriptionIsGivenOnceAndIsARawModuleDef() {
    WasmInstance bank = Guests.instance(Guests.file("examples/bank/bank.wasm"), new MapHost());
    byte[] description = bank.description();
    assertEquals(2, description[0], "tag of RawModuleDef V10");
    assertTrue(new String(description, StandardCharsets.ISO_8859_1).contains("transfer"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"examples/chat/chat.wasm", "fixtures/chat-1.12/chat-1.12.wasm"})
  void chatConnectsNamesAndLogs(String file) {
    MapHost host = new MapHost();
    MapHost.Table users = host.addTable("user", 32, "user_identity_idx_btree");
    MapHost.Table messages = host.addTable("message", 0);
    WasmInstance chat = Guests.instance(Guests.file(file), host);
    int connected = Definitions.reducer(chat, "client_connected");
    int setName = Definitions.reducer(chat, "set_name");
    int sendMessage = Definitions.reducer(chat, "send_message");
    byte[] name = new BsatnWriter().writeString("Ada").toByteArray();
    assertEquals(
        new CallOutcome.UserError("Cannot set name for unknown user"), call(chat, setName, name));
    assertEquals(new CallOutcome.Returned(), call(chat, connected, new byte[0]));
    assertEquals(new CallOutcome.Returned(), call(chat, setName, name));
    byte[] user = users.rows().values().iterator().next();
    assertTrue(new String(user, StandardCharsets.UTF_8).contains("Ada"));
    byte[] text = new BsatnWriter().writeString("hello").toByteArray();
    assertEquals(new CallOutcome.Returned(), call(chat, sendMessage, text));
    assertEquals(1, messages.rows().size());
    LogRecord log = host.logs.getLast();
    assertEquals(LogLevel.INFO, log.level());
    assertEquals(Guests.SENDER.toHex() + " says: hello", log.message());
    assertTrue(log.line().isPresent());
    assertEquals(Optional.of("chat"), log.target().map(t -> t.replaceAll("_.*|::.*", "")));
  }

  @Test
  void aChatsMemoryLeavesOutTheStackItDoesNotUse() {
    WasmInstance chat = Guests.instance(Guests.file("examples/chat/chat.wasm"), new MapHost());
    assertEquals(18L * 65_536, chat.guestMemory().size());
    assertTrue(chat.memoryBytes() < 400_000, chat.memoryBytes() + " bytes");
  }

  @Test
  void malformedArgumentsPanicAndPoison() {
    MapHost host = new MapHost();
    WasmInstance bank = Guests.instance(Guests.file("examples/bank/bank.wasm"), host);
    CallOutcome outcome = call(bank, TRANSFER, new byte[] {1, 2, 3});
    CallOutcome.Trapped trapped = assertInstanceOf(CallOutcome.Trapped.class, outcome);
    assertTrue(trapped.detail().contains("unreachable"), trapped.detail());
    assertTrue(bank.isPoisoned());
    LogRecord panic = host.logs.getLast();
    assertEquals(LogLevel.PANIC, panic.level());
    assertFalse(panic.trace().isEmpty());
  }
}
