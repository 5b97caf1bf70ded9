package dev.dormouse.runtimenode.http;

/** Ends the handling of a request with an answer that is not a success. Carries no stack trace. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final transient Answer answer;

  /** Refuses with the given answer. */
  public Refusal(Answer answer) {
    super(String.valueOf(answer), null, false, false);
    this.answer = answer;
  }

  /** Refuses with a status and a diagnostic text. */
  public static Refusal text(int status, String text) {
    return new Refusal(Answer.text(status, text));
  }

  /** What to send. */
  public Answer answer() {
    return answer;
  }
}
