package dev.dormouse.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

final class TokenCacheTest {
  private static final int MAX = 100;

  private final TokenCache cache = new TokenCache(MAX);
  private final TestTokens world = new TestTokens();

  @Test
  void itIsBoundedAndKeepsWhatIsUsed() {
    cache.put("used", entry());
    for (int i = 0; i < 1000; i++) {
      cache.put("other " + i, entry());
      assertTrue(cache.find("used").isPresent(), "after " + i);
      assertTrue(cache.size() <= MAX, "size " + cache.size());
    }
    assertTrue(cache.find("other 0").isEmpty());
    assertEquals(true, cache.find("other 999").isPresent());
  }

  private TokenCache.Entry entry() {
    return new TokenCache.Entry(new VerifiedToken(world.issuer.anonymous(), ""), 0);
  }
}
