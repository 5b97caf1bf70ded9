package dev.dormouse.runtimenode.databases;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is kept of the catalog is never older than the last change. */
final class KeptAnswersTest {
  private final KeptAnswers<String, Integer> answers = new KeptAnswers<>(3);
  private final List<String> asked = new ArrayList<>();

  private Optional<Integer> find(String key, int answer) {
    return answers.find(
        key,
        each -> {
          asked.add(each);
          return Optional.of(answer);
        });
  }

  @Test
  void whatIsKeptIsNotAskedForAgain() {
    assertEquals(Optional.of(1), find("a", 1));
    assertEquals(Optional.of(1), find("a", 2));
    assertEquals(Optional.of(1), answers.kept("a"));
    assertEquals(List.of("a"), asked);
    answers.forget("a");
    assertEquals(Optional.empty(), answers.kept("a"));
    assertEquals(Optional.of(2), find("a", 2));
  }

  @Test
  void anAnswerFromBeforeAChangeIsGivenButNotKept() {
    Optional<Integer> old =
        answers.find(
            "a",
            key -> {
              answers.forget(key); // Another thread changes it after it was read.
              return Optional.of(1);
            });
    assertEquals(Optional.of(1), old);
    assertEquals(Optional.empty(), answers.kept("a"));
    assertEquals(Optional.of(2), find("a", 2));
    assertEquals(Optional.of(2), answers.kept("a"));
    answers.find(
        "b",
        key -> {
          answers.forgetAll();
          return Optional.of(1);
        });
    assertEquals(Optional.empty(), answers.kept("b"));
    assertEquals(Optional.empty(), answers.kept("a"));
  }

  @Test
  void thatThereIsNoneIsNotKept() {
    assertEquals(Optional.empty(), answers.find("a", key -> Optional.empty()));
    assertEquals(Optional.of(1), find("a", 1));
  }

  @Test
  void atTheLimitAllAreDropped() {
    for (String key : List.of("a", "b", "c", "d")) {
      find(key, 1);
    }
    assertEquals(Optional.empty(), answers.kept("a"));
    assertEquals(Optional.of(1), answers.kept("d"));
  }
}
