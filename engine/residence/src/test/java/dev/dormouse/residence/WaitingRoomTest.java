package dev.dormouse.residence;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.database.Arguments;
import dev.dormouse.database.CallResult;
import dev.dormouse.database.HttpCall;
import dev.dormouse.database.Look;
import dev.dormouse.database.Reply;
import dev.dormouse.database.Request;
import dev.dormouse.database.Visitor;
import dev.dormouse.sats.ConnectionId;
import dev.dormouse.sats.EngineException;
import dev.dormouse.sats.Identity;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class WaitingRoomTest {
  private static final Duration SOON = Duration.ofMillis(1);

  private static WaitingRoom room(int requests, long bytes) {
    return new WaitingRoom(
        ResidenceLimits.STANDARD.withParking(new ResidenceLimits.Parking(requests, bytes, SOON)));
  }

  private static Optional<EngineException> add(WaitingRoom room, Request request, long now) {
    return room.add(WakeReason.CALL, request, now);
  }

  private static Request call(int bytes) {
    return new HttpCall(
        new Visitor(Identity.fromClaims("test", "ann"), new ConnectionId(1, 1), "{}"),
        "f",
        new Arguments.Json(new byte[bytes]),
        new Reply<>() {
          @Override
          public void done(CallResult answer) {}

          @Override
          public void refused(EngineException why) {}
        });
  }

  private static String refusal(Optional<EngineException> why) {
    EngineException refused = why.orElseThrow();
    assertEquals(EngineException.Code.RETRY, refused.code());
    return refused.text();
  }

  @Test
  void oneMoreThanTheLimitIsRefused() {
    WaitingRoom room = room(2, 100);
    assertTrue(add(room, new Look(), 0).isEmpty());
    assertTrue(add(room, new Look(), 0).isEmpty());
    assertEquals(
        "2 requests wait for the database to wake, which is the limit",
        refusal(add(room, new Look(), 0)));
  }

  @Test
  void bytesOverTheLimitAreRefusedUntilThereIsRoom() {
    WaitingRoom room = room(10, 100);
    assertTrue(add(room, call(60), 1).isEmpty());
    assertEquals(
        "requests of 60 bytes wait for the database to wake, 41 more are over the limit of 100",
        refusal(add(room, call(41), 2)));
    assertTrue(add(room, call(40), 3).isEmpty());
    assertTrue(add(room, new Look(), 4).isEmpty(), "it holds nothing");
    assertEquals(1, room.takeOlderThan(2).size());
    assertTrue(add(room, call(60), 5).isEmpty());
    assertEquals(3, room.takeAll().size());
    assertTrue(add(room, call(1_000), 6).isEmpty(), "alone it may wait");
    assertEquals(1_000, room.takeAll().getFirst().bytes());
    assertTrue(add(room, call(100), 7).isEmpty());
  }

  @Test
  void whatWasAdmittedBeforeGoesFirstAndCounts() {
    WaitingRoom room = room(10, 100);
    Request late = call(60);
    Request first = call(90);
    Request second = call(80);
    assertTrue(add(room, late, 1).isEmpty());
    room.addBefore(List.of(first, second), 2);
    assertTrue(add(room, call(1), 3).isPresent());
    assertEquals(Optional.of(WakeReason.MESSAGE), room.reason());
    assertEquals(List.of(first, second, late), room.takeAll());
  }
}
