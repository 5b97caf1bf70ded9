package dev.dormouse.runtimenode.http;

/** Routes that belong together. Every bean of this type is mounted when the node starts. */
public interface RouteGroup {
  /** Adds its routes; called once, before the node listens. */
  void mount(RouteTable routes);
}
