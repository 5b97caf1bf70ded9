package dev.dormouse.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.dormouse.sats.DecodeException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DomainNameTest {
  private static final String HEX = "c2".repeat(32);

  @ParameterizedTest
  @ValueSource(strings = {"a", "a-b", "0", "my-db-2"})
  void databaseNames(String text) {
    assertTrue(DomainName.isDatabaseName(text));
    assertTrue(new DomainName(text).isDatabaseName());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-a", "a-", "a--b", "A", "a_b", "a/b", "a b", "é"})
  void otherTextsAreNoDatabaseNames(String text) {
    assertFalse(DomainName.isDatabaseName(text));
  }

  @Test
  void anIdentityIsNoName() {
    assertFalse(DomainName.isDatabaseName(HEX));
    assertThrows(DecodeException.class, () -> new DomainName(HEX + "/x"));
  }

  @Test
  void namesAreKeptInLowerCaseAndKnowTheirNamespace() {
    assertEquals("acme/prod", new DomainName("ACME/Prod").text());
    assertEquals("acme", new DomainName("acme/prod/eu").namespace());
    assertEquals(new DomainName("ACME"), new DomainName("acme"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/a", "a/", "a//b", "a b", "a/b\tc", "a\u00a0b"})
  void malformedNamesAreRefused(String text) {
    assertThrows(DecodeException.class, () -> new DomainName(text));
  }

  @Test
  void segmentsHaveALimit() {
    String longest = "x".repeat(DomainName.SEGMENT_CHARACTERS_MAX);
    assertEquals(longest, new DomainName(longest).text());
    assertThrows(DecodeException.class, () -> new DomainName(longest + "x"));
    String deepest = "a" + "/b".repeat(DomainName.SUB_SEGMENTS_MAX);
    assertEquals(deepest, new DomainName(deepest).text());
    assertThrows(DecodeException.class, () -> new DomainName(deepest + "/b"));
  }
}
