package dev.dormouse.sats.module;

import static dev.dormouse.sats.module.Problems.quoted;

import dev.dormouse.sats.module.RawModuleV10.NameKind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The rules of HTTP handlers and routes. Source: spec data-model §7.4. */
final class HttpValidation {
  private final Scope scope;
  private final List<HttpHandlerDef> handlers = new ArrayList<>();
  private final List<HttpRouteDef> routes = new ArrayList<>();

  HttpValidation(Scope scope, RawModuleV10 module) {
    this.scope = scope;
    Map<String, Integer> positions = new HashMap<>();
    Map<String, String> names = new HashMap<>();
    for (String source : module.all(RawModuleV10.HttpHandlers.class, h -> h.sourceNames())) {
      String name = scope.canonical(NameKind.FUNCTION, source);
      scope.identifiers("HTTP handler", source, name);
      String before = names.putIfAbsent(name, source);
      if (before != null) {
        scope.problem(
            "HTTP handlers %s and %s have one name".formatted(quoted(before), quoted(source)));
      }
      positions.putIfAbsent(source, handlers.size());
      handlers.add(new HttpHandlerDef(name, source));
    }
    Map<String, Set<HttpMethod>> methods = new HashMap<>();
    for (RawModuleV10.HttpRoute route :
        module.all(RawModuleV10.HttpRoutes.class, RawModuleV10.HttpRoutes::routes)) {
      route(route, positions, methods.computeIfAbsent(route.path(), path -> new HashSet<>()));
    }
  }

  private void route(
      RawModuleV10.HttpRoute route, Map<String, Integer> positions, Set<HttpMethod> samePath) {
    String what = "HTTP route " + quoted(route.path());
    String path = route.path();
    if (!path.isEmpty() && path.charAt(0) != '/') {
      scope.problem(what + " must be empty or begin with `/`");
    }
    if (!path.chars().allMatch(HttpValidation::isPathCharacter)) {
      scope.problem(what + " may only contain `a` to `z`, `0` to `9`, `-`, `_`, `~` and `/`");
    }
    boolean overlaps =
        route.method() instanceof HttpMethod.Any
            ? !samePath.isEmpty()
            : samePath.contains(new HttpMethod.Any()) || samePath.contains(route.method());
    if (overlaps) {
      scope.problem(what + " is there twice for one method");
    }
    samePath.add(route.method());
    Optional<Integer> handler = Optional.ofNullable(positions.get(route.handlerFunction()));
    if (handler.isPresent()) {
      routes.add(new HttpRouteDef(handler.get(), route.method(), path));
    } else {
      scope.problem("%s: no HTTP handler %s".formatted(what, quoted(route.handlerFunction())));
    }
  }

  private static boolean isPathCharacter(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= '0' && c <= '9')
        || c == '-'
        || c == '_'
        || c == '~'
        || c == '/';
  }

  List<HttpHandlerDef> handlers() {
    return handlers;
  }

  List<HttpRouteDef> routes() {
    return routes;
  }
}
