package dev.dormouse.sats.module;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.Vectors;
import dev.dormouse.sats.Vectors.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NameVectorsTest {
  @TestFactory
  Stream<DynamicTest> namesAreConverted() {
    return Vectors.read("abi-names.json").list().stream()
        .map(
            vector ->
                DynamicTest.dynamicTest(
                    vector.get("input").text(),
                    () -> {
                      String input = vector.get("input").text();
                      assertEquals(
                          vector.get("words").list().stream().map(Json::text).toList(),
                          CaseConversion.words(input));
                      assertEquals(vector.get("snake").text(), CaseConversion.snake(input));
                      assertEquals(vector.get("camel").text(), CaseConversion.camel(input));
                      assertEquals(vector.get("pascal").text(), CaseConversion.pascal(input));
                    }));
  }

  @Test
  void combiningMarksBelongToTheirLetter() {
    assertEquals(List.of("e\u0301", "E\u0301a"), CaseConversion.words("e\u0301E\u0301a"));
    assertEquals("SSBar", CaseConversion.pascal("ßBar"));
  }

  @Test
  void plainNamesAreTakenApartAsOthersAre() {
    // Behind a letter that is not ASCII a name is matched cluster by cluster.
    for (String name : List.of("fooBar9x-HTTPServer_id", "__a__", "A1b", "x.y/z", "")) {
      List<String> words = new ArrayList<>(CaseConversion.words(name));
      words.add("é");
      assertEquals(words, CaseConversion.words(name + "_é"));
    }
    assertEquals(List.of("\r\n"), CaseConversion.words("\r\n"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "_", "_1", "Äpfel", "日本語", "x\u0301", "ªa", "a·b", "℮"})
  void identifiersAreAccepted(String name) {
    assertTrue(Identifiers.problem(name).isEmpty(), () -> Identifiers.problem(name).orElse(""));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "1a",
        "a-b",
        "a b",
        "a.b",
        "e\u0301",
        "\u0301a",
        "a\u200bc",
        "a\u00adb",
        "a\u0000",
        "\u037a",
        "\uff9e",
        "\u2e2f",
        "a\u309b",
        "😀",
        "a'",
        "\ud800"
      })
  void otherNamesAreRefused(String name) {
    assertTrue(Identifiers.problem(name).isPresent(), name);
  }
}
