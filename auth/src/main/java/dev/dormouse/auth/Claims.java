package dev.dormouse.auth;

import dev.dormouse.sats.DecodeException;
import dev.dormouse.sats.Identity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jose4j.json.JsonUtil;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;

/**
 * What a token says. Source: spec auth §3, §4.3.
 *
 * @param identity derived from issuer and subject
 * @param issuer {@code iss}
 * @param subject {@code sub}
 * @param expiresAt {@code exp}; absent for never
 * @param payload the JSON text that was or will be signed; modules see it
 */
public record Claims(
    Identity identity, String issuer, String subject, Optional<Instant> expiresAt, String payload) {

  private static final String HEX_IDENTITY = "hex_identity";
  private static final String SUBJECT = "sub";
  private static final String ISSUER = "iss";
  private static final String AUDIENCE = "aud";
  private static final String ISSUED_AT = "iat";
  private static final String EXPIRES_AT = "exp";

  /** Largest integer time taken, in seconds: what an {@link Instant} can hold. */
  private static final long SECONDS_MAX = Instant.MAX.getEpochSecond();

  /**
   * Reads and checks a payload; whether it has expired is not looked at.
   *
   * @throws AuthFailure REJECTED, naming the claim
   */
  static Claims read(String payload) {
    Map<String, @Nullable Object> claims = parse(payload);
    String issuer = text(claims, ISSUER);
    String subject = text(claims, SUBJECT);
    if (seconds(claims, ISSUED_AT).isEmpty()) {
      throw AuthFailure.rejected("claim iat is missing");
    }
    checkAudience(claims.get(AUDIENCE));
    Identity identity = identity(issuer, subject);
    checkHexIdentity(claims.get(HEX_IDENTITY), identity);
    return new Claims(identity, issuer, subject, seconds(claims, EXPIRES_AT), payload);
  }

  /** Claims of a token of our own for a subject; it never expires. */
  static Claims issue(String issuer, String subject, Instant now) {
    Identity identity = Identity.fromClaims(issuer, subject);
    var claims = new LinkedHashMap<String, @Nullable Object>();
    claims.put(HEX_IDENTITY, identity.toHex());
    claims.put(SUBJECT, subject);
    claims.put(ISSUER, issuer);
    claims.put(AUDIENCE, List.of("spacetimedb"));
    claims.put(ISSUED_AT, now.getEpochSecond());
    return new Claims(identity, issuer, subject, Optional.empty(), PlainJson.write(claims));
  }

  /** The same claims, all of them, for a token that is issued now and expires. */
  Claims reissue(Instant now, Instant expiry) {
    var claims = new LinkedHashMap<String, @Nullable Object>();
    claims.put(HEX_IDENTITY, identity.toHex());
    claims.put(SUBJECT, subject);
    claims.put(ISSUER, issuer);
    parse(payload)
        .forEach(
            (name, value) -> {
              if (!List.of(ISSUED_AT, EXPIRES_AT).contains(name)) {
                claims.putIfAbsent(name, value);
              }
            });
    claims.put(ISSUED_AT, now.getEpochSecond());
    claims.put(EXPIRES_AT, expiry.getEpochSecond());
    return new Claims(identity, issuer, subject, Optional.of(expiry), PlainJson.write(claims));
  }

  /** The issuer named by a payload that nobody has verified: only good for finding keys. */
  static String unverifiedIssuer(String payload) {
    return text(parse(payload), ISSUER);
  }

  private static Map<String, @Nullable Object> parse(String payload) {
    try {
      return Collections.unmodifiableMap(JsonUtil.parseJson(payload));
    } catch (JoseException malformed) {
      throw AuthFailure.rejected("the payload is not a JSON object");
    }
  }

  private static String text(Map<String, @Nullable Object> claims, String name) {
    if (claims.get(name) instanceof String text) {
      return text;
    }
    throw AuthFailure.rejected("claim " + name + " is missing or no string");
  }

  private static Optional<Instant> seconds(Map<String, @Nullable Object> claims, String name) {
    Object value = claims.get(name);
    if (value == null) {
      return Optional.empty();
    }
    if (value instanceof Long seconds && seconds >= 0 && seconds <= SECONDS_MAX) {
      return Optional.of(Instant.ofEpochSecond(seconds));
    }
    throw AuthFailure.rejected("claim " + name + " is no integer number of seconds");
  }

  private static void checkAudience(@Nullable Object audience) {
    boolean known =
        audience == null
            || audience instanceof String
            || (audience instanceof List<?> list
                && list.stream().allMatch(String.class::isInstance));
    if (!known) {
      throw AuthFailure.rejected("claim aud is neither a string nor an array of strings");
    }
  }

  private static Identity identity(String issuer, String subject) {
    try {
      return Identity.fromClaims(issuer, subject);
    } catch (DecodeException outOfBounds) {
      throw AuthFailure.rejected(outOfBounds.text());
    }
  }

  private static void checkHexIdentity(@Nullable Object claimed, Identity derived) {
    if (claimed != null && !(claimed instanceof String text && isHexOf(text, derived))) {
      throw AuthFailure.rejected(
          "claim hex_identity is not the identity of iss and sub, which is " + derived.toHex());
    }
  }

  private static boolean isHexOf(String text, Identity identity) {
    return Identity.isHex(text) && Identity.fromHex(text).equals(identity);
  }

  /** JSON of plain ASCII without {@code > ? ~}. */
  private static final class PlainJson {
    private static final int DEPTH_MAX = 32;

    private final StringBuilder out = new StringBuilder(256);
    private int depth;

    /**
     * Source: spec auth §3: the official CLI decodes payloads with the standard base64 alphabet;
     * these characters are the ones that could make it differ from the URL alphabet.
     */
    static String write(Map<String, @Nullable Object> claims) {
      var json = new PlainJson();
      json.value(claims);
      return json.out.toString();
    }

    private void value(@Nullable Object value) {
      if (++depth > DEPTH_MAX) {
        throw AuthFailure.rejected("claims are nested deeper than " + DEPTH_MAX);
      }
      switch (value) {
        case null -> out.append("null");
        case Map<?, ?> map -> object(map);
        case List<?> list -> array(list);
        case String text -> string(text);
        case Number number -> out.append(number);
        case Boolean flag -> out.append(flag);
        default -> throw new IllegalStateException("no JSON value: " + value.getClass());
      }
      depth--;
    }

    private void object(Map<?, ?> map) {
      var parts = new ArrayList<Map.Entry<?, ?>>(map.entrySet());
      out.append('{');
      for (int i = 0; i < parts.size(); i++) {
        out.append(i == 0 ? "" : ",");
        string(String.valueOf(parts.get(i).getKey()));
        out.append(':');
        value(parts.get(i).getValue());
      }
      out.append('}');
    }

    private void array(List<?> list) {
      out.append('[');
      for (int i = 0; i < list.size(); i++) {
        out.append(i == 0 ? "" : ",");
        value(list.get(i));
      }
      out.append(']');
    }

    private void string(String text) {
      out.append('"');
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c < ' ' || c >= '~' || "\"\\<>?".indexOf(c) >= 0) {
          out.append("\\u%04x".formatted((int) c));
        } else {
          out.append(c);
        }
      }
      out.append('"');
    }
  }
}
