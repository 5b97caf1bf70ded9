package dev.dormouse.auth;

/** Why somebody is not let in. The text is for the caller and names no secret. */
public final class AuthFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** What went wrong, and the HTTP status that says so. Source: spec auth §4.4, §6.1. */
  public enum Kind {
    /** Credentials were presented in a form that is not understood. */
    MALFORMED(400),
    /** Credentials are needed and none were presented. */
    MISSING(401),
    /** The token presented is not acceptable. */
    REJECTED(401),
    /** The caller is known and may not do this. */
    FORBIDDEN(403);

    private final int status;

    Kind(int status) {
      this.status = status;
    }

    /** HTTP status. */
    public int status() {
      return status;
    }
  }

  private final Kind kind;

  private AuthFailure(Kind kind, String text) {
    super(text, null, false, false);
    this.kind = kind;
  }

  static AuthFailure malformed(String text) {
    return new AuthFailure(Kind.MALFORMED, text);
  }

  /** Credentials are needed and none were presented. */
  public static AuthFailure missing() {
    return new AuthFailure(Kind.MISSING, "Authorization required");
  }

  static AuthFailure rejected(String text) {
    return new AuthFailure(Kind.REJECTED, "Invalid token: " + text);
  }

  static AuthFailure forbidden(String text) {
    return new AuthFailure(Kind.FORBIDDEN, text);
  }

  /** What went wrong. */
  public Kind kind() {
    return kind;
  }

  /** The message; never null. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
