package dev.dormouse.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.e2e.HostileGuests.Deed;
import dev.dormouse.protocol.ServerMessage;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Reducers that trap, do not end, or recurse: the caller gets what the spec names, nothing of it
 * stays, the database goes on, and its neighbour does not notice. With a CPU budget of 300 ms a
 * call. Source: spec host-semantics §2, §3, http-api §6.
 */
final class HostileReducersIT {
  private static final String FATAL = "The instance encountered a fatal error.";
  private static final String BUDGET = "Module energy budget exhausted.";

  private static final Map<String, String> SHORT_CALLS = Map.of("dormouse.call-cpu", "300ms");

  @TempDir static Path folder;

  private static Platform platform;
  private static Neighbour neighbour;
  private static String token;

  @BeforeAll
  static void start() throws Exception {
    platform = Platform.start(folder.resolve("data"), List.of(), SHORT_CALLS);
    neighbour = Neighbour.moveIn(platform);
    token = platform.token();
    platform.publish(token, "abi", "fixtures/abi/abi.wasm");
    publish("recursing", HostileGuests.recursing());
  }

  @AfterEach
  void neighbourDidNotNotice() throws Exception {
    neighbour.assertServed(platform);
  }

  /** The process dies with clients connected, whose disconnect then fails at the next wake. */
  @AfterAll
  static void allIsThereAfterAKillAndFailingHooksDoNotStopAWake() throws Exception {
    List<Deed> deeds = List.of(Deed.TRAP, Deed.LOOP);
    for (Deed deed : deeds) {
      publish(named("wake", deed), HostileGuests.withHooks(Deed.NOTHING, Deed.NOTHING, deed));
      WebSocketClient.connect(platform, named("wake", deed), "")
          .expect(ServerMessage.InitialConnection.class);
    }
    String bulk = count(platform, "abi", "bulk");
    platform.kill();
    try (Platform again = Platform.start(folder.resolve("data"), List.of(), SHORT_CALLS)) {
      neighbour.assertServed(again);
      assertEquals(bulk, count(again, "abi", "bulk"));
      for (Deed deed : deeds) {
        assertEquals("[[1]]", count(again, named("wake", deed), "st_client"));
      }
    }
  }

  private static String named(String what, Deed deed) {
    return what + "-" + deed.name().toLowerCase(Locale.ROOT);
  }

  private static void publish(String name, byte[] program) throws Exception {
    HttpResponse<String> answer = platform.send("PUT", "/v1/database/" + name, token, program);
    assertEquals(200, answer.statusCode(), answer.body());
  }

  private static void call(int status, String text, String database, String reducer, String json)
      throws Exception {
    HttpResponse<String> answer = platform.call(token, database, reducer, json);
    assertEquals(status + " " + text, answer.statusCode() + " " + answer.body());
  }

  private static String count(String database, String table) throws Exception {
    return count(platform, database, table);
  }

  private static String count(Platform node, String database, String table) throws Exception {
    return node.sql(token, database, "SELECT COUNT(*) AS n FROM " + table)
        .replaceAll(".*\"rows\":(.*),\"total_duration.*", "$1");
  }

  @Test
  void trapsLeaveNothing() throws Exception {
    String before = count("abi", "bulk");
    for (int kind = 0; kind < 30; kind++) {
      if (kind <= 4 || kind >= 10) {
        call(530, FATAL, "abi", "trap", "[" + kind + "]");
      }
    }
    call(530, FATAL, "abi", "panic_now", "[\"oh dear\"]");
    assertEquals(before, count("abi", "bulk"));
    call(200, "", "abi", "who_am_i", "[]");
  }

  @ParameterizedTest
  @ValueSource(strings = {"loop_forever", "loop_forever_in_imports", "log_forever"})
  void endlessCallsEndByTheirBudget(String reducer) throws Exception {
    call(402, BUDGET, "abi", reducer, "[]");
    call(200, "", "abi", "who_am_i", "[]");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"recurse", "recurse_indirect", "recurse_in_memory", "recurse_through_import"})
  void endlessRecursionIsATrap(String reducer) throws Exception {
    call(530, FATAL, "abi", reducer, "[50000000]");
    call(200, "", "abi", reducer, "[100]");
  }

  @Test
  void recursionThroughEveryImportThatWritesIsATrap() throws Exception {
    for (String reducer : HostileGuests.RECURSING) {
      String before = count("recursing", "t");
      for (int again = 0; again < 3; again++) {
        call(530, FATAL, "recursing", reducer, "[]");
      }
      assertEquals(before, count("recursing", "t"), reducer);
    }
    call(200, "", "recursing", "one", "[]");
    assertEquals("[[1]]", count("recursing", "t"));
  }

  @Test
  void iteratorsLeftOpenAreClosedWithTheCall() throws Exception {
    for (int again = 0; again < 5; again++) {
      call(200, "", "abi", "leave_iterators_open", "[5000]");
    }
    call(530, FATAL, "abi", "leave_iterators_open", "[50000]");
    call(200, "", "abi", "leave_timers_open", "[1000]");
    call(530, FATAL, "abi", "leave_timers_open", "[5000]");
    call(200, "", "abi", "who_am_i", "[]");
  }

  @Test
  void endlessErrorTexts() throws Exception {
    HttpResponse<String> long10 = platform.call(token, "abi", "fail_long", "[1000000]");
    assertEquals(530, long10.statusCode());
    assertEquals(1_000_000, long10.body().length());
    call(530, FATAL, "abi", "fail_long", "[20000000]"); // sinks end at 16 MiB
    publish(
        "floods",
        Files.readAllBytes(Platform.root().resolve("fixtures/hostile/error-floods.wasm")));
    call(530, FATAL, "floods", "go", "[]");
    String log =
        platform.send("GET", "/v1/database/abi/logs?num_lines=3", token, new byte[0]).body();
    assertTrue(log.length() < 4 * (64 << 10), log.length() + " characters");
  }

  @ParameterizedTest
  @EnumSource(names = "NOTHING", mode = EnumSource.Mode.EXCLUDE)
  void initThatFailsLeavesNoDatabase(Deed deed) throws Exception {
    String name = named("init", deed);
    HttpResponse<String> answer =
        platform.send(
            "PUT",
            "/v1/database/" + name,
            token,
            HostileGuests.withHooks(deed, Deed.NOTHING, Deed.NOTHING));
    assertEquals(500, answer.statusCode());
    assertEquals("init reducer: " + (deed == Deed.LOOP ? BUDGET : FATAL), answer.body());
    assertEquals(
        404, platform.send("GET", "/v1/database/" + name, token, new byte[0]).statusCode());
    publish(name, HostileGuests.withHooks(Deed.NOTHING, Deed.NOTHING, Deed.NOTHING));
    call(200, "", name, "go", "[]");
  }

  @ParameterizedTest
  @CsvSource({"TRAP, 403", "RECURSE, 403", "LOOP, 503"})
  void connectThatFailsRefusesTheCaller(Deed deed, int status) throws Exception {
    String name = named("connect", deed);
    publish(name, HostileGuests.withHooks(Deed.NOTHING, deed, Deed.NOTHING));
    call(status, deed == Deed.LOOP ? BUDGET : FATAL, name, "go", "[]");
    // The JDK's own client throws an InternalError if a socket ends as soon as it is open.
    try (RawSocket client = RawSocket.upgraded(platform, name, 0)) {
      assertEquals(RawSocket.End.WITHOUT_FRAME, client.end()); // as the spec has it
    }
    // Another program heals it: an update needs no connection.
    publish(name, HostileGuests.withHooks(Deed.NOTHING, Deed.NOTHING, Deed.NOTHING));
    call(200, "", name, "go", "[]");
    assertEquals("[[1]]", count(name, "st_client")); // the query's own
  }

  @ParameterizedTest
  @EnumSource(names = "NOTHING", mode = EnumSource.Mode.EXCLUDE)
  void disconnectThatFailsStillLetsGo(Deed deed) throws Exception {
    String name = named("disconnect", deed);
    publish(name, HostileGuests.withHooks(Deed.NOTHING, Deed.NOTHING, deed));
    call(200, "", name, "go", "[]");
    try (WebSocketClient client = WebSocketClient.connect(platform, name, "")) {
      client.expect(ServerMessage.InitialConnection.class);
      assertEquals("[[2]]", count(name, "st_client"));
    }
    Platform.await(
        "the row of who left to go",
        () -> {
          try {
            return count(name, "st_client").equals("[[1]]");
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }
}
