package dev.dormouse.benchmarks.load;

/** A subprotocol that the generator speaks. Source: spec client-protocol §2.3. */
public enum Protocol {
  /** One message per frame. */
  V2("v2.bsatn.spacetimedb"),
  /** Messages joined in a frame. */
  V3("v3.bsatn.spacetimedb");

  private final String subprotocol;

  Protocol(String subprotocol) {
    this.subprotocol = subprotocol;
  }

  String subprotocol() {
    return subprotocol;
  }
}
