package dev.dormouse.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.util.List;

/**
 * Loads the engine's stateful classes, and the simulation that drives them, anew and changed: what
 * worlds run is then the engine with the change in it, and nothing in the engine knows of it.
 */
abstract class EngineLoader extends ClassLoader {
  private static final String SIMULATION = "dev.dormouse.simulation.";

  private static final List<String> PACKAGES =
      List.of(
          SIMULATION,
          "dev.dormouse.residence.",
          "dev.dormouse.database.",
          "dev.dormouse.snapshot.",
          "dev.dormouse.commitlog.");

  private final ClassFile classFile;

  EngineLoader(ClassLoader parent) {
    super(parent);
    this.classFile =
        ClassFile.of(
            ClassFile.ClassHierarchyResolverOption.of(
                ClassHierarchyResolver.ofResourceParsing(parent).cached()));
  }

  /**
   * A class of the engine as it is to be.
   *
   * @param name its binary name
   * @param bytes as compiled
   */
  abstract byte[] changed(String name, byte[] bytes);

  ClassFile classFile() {
    return classFile;
  }

  /** Whether a class is loaded anew; all others come from the parent. */
  static boolean isAnew(String name) {
    return PACKAGES.stream().anyMatch(name::startsWith);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (!isAnew(name)) {
      return super.loadClass(name, resolve);
    }
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded == null) {
        byte[] bytes = bytes(name);
        byte[] wanted = name.startsWith(SIMULATION) ? bytes : changed(name, bytes);
        loaded = defineClass(name, wanted, 0, wanted.length);
      }
      return loaded;
    }
  }

  /** A class as compiled. */
  final byte[] bytes(String name) throws ClassNotFoundException {
    String path = name.replace('.', '/') + ".class";
    try (InputStream in = getParent().getResourceAsStream(path)) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
