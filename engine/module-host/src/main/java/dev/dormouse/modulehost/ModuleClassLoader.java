package dev.dormouse.modulehost;

import java.util.HashMap;
import java.util.Map;

/** Holds the classes of one module; when it goes, they go. */
final class ModuleClassLoader extends ClassLoader {
  static {
    registerAsParallelCapable();
  }

  private final Map<String, byte[]> undefined;

  ModuleClassLoader(Map<String, byte[]> classes) {
    super("module", ModuleClassLoader.class.getClassLoader());
    this.undefined = new HashMap<>(classes);
  }

  @Override
  protected Class<?> findClass(String name) throws ClassNotFoundException {
    // The bytes are given up once the JVM has its own form of them.
    byte[] bytes;
    synchronized (undefined) {
      bytes = undefined.remove(name);
    }
    if (bytes == null) {
      throw new ClassNotFoundException(name);
    }
    return defineClass(name, bytes, 0, bytes.length);
  }
}
