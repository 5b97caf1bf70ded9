package dev.dormouse.runtimenode.ws;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.protocol.ReducerOutcome;
import dev.dormouse.protocol.ServerMessage;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients with confirmed reads hear nothing that a crash could take back. */
final class GateTest {
  private TestNode node;

  @BeforeEach
  void start() {
    node = new TestNode();
  }

  @AfterEach
  void stop() {
    node.releaseLog();
    node.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {TestNode.V3, TestNode.V2})
  void confirmedIsTheDefaultAndWaitsForTheSync(String protocol) {
    try (ChatClient confirmed = new ChatClient(node.upgrade("", protocol));
        ChatClient eager = new ChatClient(node.upgrade("confirmed=false", protocol))) {
      confirmed.subscribe(1, ChatClient.MESSAGES);
      eager.subscribe(1, ChatClient.MESSAGES);
      node.holdLog();
      confirmed.raw.send(ChatClient.say(1, "first"));
      assertEquals(List.of("first"), eager.nextTexts());
      confirmed.raw.send(ChatClient.say(2, "second"));
      assertEquals(List.of("second"), eager.nextTexts());
      // Both calls are committed and told to others, so an answer could have come by now.
      eager.rows(ChatClient.USERS);
      assertTrue(confirmed.raw.isSilent());
      node.releaseLog();
      assertEquals(List.of("first"), ChatClient.inserted(confirmed.said()));
      assertEquals(List.of("second"), ChatClient.inserted(confirmed.said()));
    }
  }

  @Test
  void whatNeedsNoSyncGoesAtOnceButKeepsItsPlace() {
    try (ChatClient ann = node.connect("");
        ChatClient eager = node.connect("confirmed=false")) {
      node.holdLog();
      ann.raw.send(ChatClient.say(1, ""));
      assertInstanceOf(
          ReducerOutcome.Err.class, ann.raw.message(ServerMessage.ReducerResult.class).result());
      ann.raw.send(ChatClient.say(2, "waits"), ChatClient.say(3, ""));
      eager.raw.send(ChatClient.say(4, "a call behind both"));
      eager.said();
      assertTrue(ann.raw.isSilent());
      node.releaseLog();
      ann.said();
      assertEquals(3, ann.raw.message(ServerMessage.ReducerResult.class).requestId());
    }
  }

  @Test
  void aQuerySeesWhatIsNotDurableAndItsAnswerWaitsForIt() {
    try (ChatClient ann = node.connect("");
        ChatClient eager = node.connect("confirmed=false")) {
      node.holdLog();
      eager.say("young");
      ann.raw.send(ChatClient.ask(1, "SELECT * FROM message WHERE text = 'young'"));
      eager.rows(ChatClient.USERS);
      assertTrue(ann.raw.isSilent());
      node.releaseLog();
      assertEquals(1, ann.raw.message(ServerMessage.OneOffQueryResult.class).requestId());
    }
  }
}
