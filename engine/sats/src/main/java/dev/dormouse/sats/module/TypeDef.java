package dev.dormouse.sats.module;

import java.util.List;

/**
 * A name for a type, validated.
 *
 * @param scope canonical names around it
 * @param name the canonical name
 * @param ref slot of the schema's typespace
 * @param customOrdering whether elements or variants keep the listed order in client code
 */
public record TypeDef(List<String> scope, String name, int ref, boolean customOrdering) {
  public TypeDef {
    scope = List.copyOf(scope);
  }
}
