"""Installs the build to a prefix of its own, and builds and runs outside projects against it.

CMakeLists.txt sets the environment variables: the build and what tools to use;
EMULATOR is what runs programs, in front of their paths, and TOOLCHAIN a toolchain file; both may be
empty.
"""

import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import unittest

BUILD_DIR = os.environ["BUILD_DIR"]
SOURCE_DIR = os.environ["SOURCE_DIR"]
WORK_DIR = os.environ["WORK_DIR"]
NM = os.environ["NM"]
HERE = os.path.dirname(os.path.abspath(__file__))
PREFIX = os.path.join(WORK_DIR, "moved")
EMULATOR = shlex.split(os.environ["EMULATOR"])
TOOLCHAIN = [f"-DCMAKE_TOOLCHAIN_FILE={file}" for file in [os.environ["TOOLCHAIN"]] if file]

# All that programs may need of the machine.
RUNTIME_LIBRARIES = re.compile(
    r"(ld-linux-x86-64|ld-linux-aarch64|libc|libm|libdl|libpthread|libgcc_s|libstdc\+\+)\.so\.\d+$")


def run(command, **options):
    """Returns the output of a command, run in an environment that knows nothing of this build."""
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": WORK_DIR, "LC_ALL": "C",
                   "CXX": os.environ["CXX"], "CC": os.environ["CC"],
                   "PKG_CONFIG_PATH": ":".join(directories("pkgconfig"))}
    done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **options)
    if done.returncode != 0:
        raise AssertionError(f"{command} returned {done.returncode}:\n{done.stdout}")
    return done.stdout


def installed_files():
    return sorted(os.path.join(directory, name) for directory, _, names in os.walk(PREFIX)
                  for name in names)


def installed(name):
    """The one installed file of that name."""
    found = [path for path in installed_files() if os.path.basename(path) == name]
    if len(found) != 1:
        raise AssertionError(f"{name}: {found}")
    return found[0]


def directories(name):
    return [os.path.join(directory, name) for directory, names, _ in os.walk(PREFIX)
            if name in names]


def setUpModule():
    shutil.rmtree(WORK_DIR, ignore_errors=True)
    first = os.path.join(WORK_DIR, "first")
    run([os.environ["CMAKE"], "--install", BUILD_DIR, "--prefix", first])
    # What is installed may be moved.
    os.rename(first, PREFIX)


class InstalledFilesTest(unittest.TestCase):
    def test_what_is_there(self):
        public = os.listdir(os.path.join(SOURCE_DIR, "include", "glimpse"))
        names = {os.path.relpath(path, PREFIX) for path in installed_files()}
        self.assertLessEqual({f"include/glimpse/{header}" for header in public}, names)
        for name in ["libglimpse.a", "libglimpse.so", "glimpse.pc", "glimpse-shared.pc", "GlimpseConfig.cmake",
                     "GlimpseConfigVersion.cmake", "GlimpseTargets.cmake", "GlimpseSharedTargets.cmake"]:
            installed(name)

    def test_no_path_of_this_build(self):
        here = [SOURCE_DIR.encode(), BUILD_DIR.encode(), PREFIX.encode()]
        for path in installed_files():
            with open(path, "rb") as file:
                content = file.read()
            if b".debug_info" in content:
                continue  # a build for debuggers names its sources
            with self.subTest(path):
                self.assertEqual([p for p in here if p in content], [])

    def test_no_word_of_halide_in_what_builds_read(self):
        for path in installed_files():
            if path.endswith((".cmake", ".pc", ".h")) and not path.endswith("interop_halide.h"):
                with open(path) as file, self.subTest(path):
                    for line in file:
                        # Comments may name it.
                        self.assertNotIn("halide", line.split("//")[0].split("#")[0].lower())

    def test_old_cmake_is_enough(self):
        with open(installed("GlimpseTargets.cmake")) as file:
            required = re.findall(r'VERSION_LESS "(\d+)\.(\d+)[.\d]*"\)\s*message\(FATAL_ERROR',
                                  file.read())
        self.assertNotEqual(required, [])
        for version in required:
            self.assertLessEqual(tuple(map(int, version)), (3, 16))

    def test_no_halide_runtime(self):
        symbols = run([NM, "-g", installed("libglimpse.a")])
        names = set(re.findall(r"^[0-9a-f ]*\w (\w+)$", symbols, re.M))
        self.assertGreater(len(names), 100)
        self.assertEqual([name for name in names if name.startswith(("halide_", "Halide"))], [])


class ProgramTest(unittest.TestCase):
    def check_libraries(self, path):
        names = re.findall(r"\(NEEDED\).*\[(.*)\]", run(["readelf", "-d", path]))
        self.assertNotEqual(names, [])
        for name in names:
            with self.subTest(f"{path}: {name}"):
                self.assertRegex(name, RUNTIME_LIBRARIES)


class CommandTest(ProgramTest):
    def test_command(self):
        command = [path for path in installed_files() if path.endswith("/bin/glimpse")]
        if not command:
            self.skipTest("the command was not built")
        self.assertIn("chosen: ", run([*EMULATOR, command[0], "info"]))


def configure(project, build, text):
    """Configures a project whose CMakeLists.txt is `text`."""
    with open(os.path.join(project, "CMakeLists.txt"), "w") as file:
        file.write("cmake_minimum_required(VERSION 3.16)\n" + text)
    run([os.environ["CONSUMER_CMAKE"], "-S", project, "-B", build,
         f"-DCMAKE_PREFIX_PATH={PREFIX}", *TOOLCHAIN])


class CMakePackageTest(ProgramTest):
    def test_package(self):
        build = os.path.join(WORK_DIR, "cmake_package")
        cmake = os.environ["CONSUMER_CMAKE"]
        print(run([cmake, "--version"]).splitlines()[0], flush=True)
        run([cmake, "-S", os.path.join(HERE, "cmake_package"), "-B", build,
             "-G", "Unix Makefiles", "-DCMAKE_BUILD_TYPE=Release", f"-DCMAKE_PREFIX_PATH={PREFIX}",
             "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror", "-DCMAKE_DISABLE_FIND_PACKAGE_Halide=ON",
             *TOOLCHAIN])
        run([cmake, "--build", build])
        program = os.path.join(build, "outside")
        self.check_libraries(program)
        output = run([*EMULATOR, program])
        self.assertRegex(output, r"^version \d+\.\d+\.\d+\nvariant \w+\n$")
        print(output, end="", flush=True)

    def test_other_versions_are_refused(self):
        project = os.path.join(WORK_DIR, "other_version")
        os.makedirs(project)
        configure(project, os.path.join(project, "build"),
                  "project(Other LANGUAGES CXX)\n"
                  "find_package(Glimpse 99.0 QUIET)\n"
                  "if (Glimpse_FOUND)\n"
                  "    message(FATAL_ERROR \"found\")\n"
                  "endif ()\n")

    def test_projects_in_c(self):
        """In C alone the shared library; with C++ among the languages also the static one."""
        project = os.path.join(WORK_DIR, "in_c")
        os.makedirs(project)
        with open(os.path.join(project, "main.cpp"), "w") as file:
            file.write('extern "C" const char *word(void);\n'
                       "#include <glimpse/glimpse.h>\n"
                       "const char *word(void) { return glimpse::version(); }\n")
        with open(os.path.join(project, "main.c"), "w") as file:
            file.write("const char *word(void);\nint main(void) { return word()[0] == 0; }\n")
        shutil.copy(os.path.join(HERE, "pkg_config", "in_c.c"), project)
        for languages in ["C", "C CXX"]:
            build = os.path.join(project, languages.replace(" ", "_"))
            text = (f"project(InC LANGUAGES {languages})\n"
                    "find_package(Glimpse REQUIRED)\n"
                    "add_executable(shared in_c.c)\n"
                    "target_link_libraries(shared PRIVATE Glimpse::glimpse_shared)\n")
            programs = ["shared"]
            if "CXX" in languages:
                text += ("add_executable(static main.c main.cpp)\n"
                         "target_link_libraries(static PRIVATE Glimpse::glimpse)\n")
                programs.append("static")
            configure(project, build, text)
            run([os.environ["CONSUMER_CMAKE"], "--build", build])
            for program in programs:
                run([*EMULATOR, os.path.join(build, program)])


class MesonTest(ProgramTest):
    def test_shared_library(self):
        meson = shutil.which("meson")
        if meson is None or TOOLCHAIN:
            self.skipTest("there is no Meson, or a toolchain that it does not know")
        project = os.path.join(WORK_DIR, "meson")
        os.makedirs(project)
        shutil.copy(os.path.join(HERE, "pkg_config", "plugin.cpp"), project)
        with open(os.path.join(project, "meson.build"), "w") as file:
            file.write("project('outside', 'cpp', default_options: ['cpp_std=c++17'])\n"
                       "glimpse = dependency('glimpse')\n"
                       "shared_library('plugin', 'plugin.cpp', dependencies: glimpse,\n"
                       "               gnu_symbol_visibility: 'hidden')\n")
        build = os.path.join(project, "build")
        run([meson, "setup", build, project])
        run([meson, "compile", "-C", build])
        plugin = os.path.join(build, "libplugin.so")
        self.check_libraries(plugin)
        exported = run([NM, "-D", "--defined-only", plugin]).splitlines()
        self.assertEqual([line.split()[-1] for line in exported], ["plugin_crop"])


class PkgConfigTest(ProgramTest):
    @classmethod
    def setUpClass(cls):
        # What a Halide user has: a function, its runtime, and the header of the runtime.
        halide = os.path.join(WORK_DIR, "halide_function")
        os.makedirs(halide)
        include = os.environ["HALIDE_INCLUDE_DIR"]
        for source, name in [(os.environ["HALIDE_FUNCTION_HEADER"], "brighten.h"),
                             (os.environ["HALIDE_FUNCTION_LIBRARY"], "libbrighten.a"),
                             (os.environ["HALIDE_FUNCTION_RUNTIME"], "libbrighten_runtime.a"),
                             (os.path.join(include, "HalideRuntime.h"), "HalideRuntime.h")]:
            shutil.copy(source, os.path.join(halide, name))
        cls.build = os.path.join(WORK_DIR, "pkg_config")
        shutil.copytree(os.path.join(HERE, "pkg_config"), cls.build)
        run(["make", f"HALIDE_FUNCTION={halide}"], cwd=cls.build)
        cls.application = os.path.join(cls.build, "application")
        cls.plugin = os.path.join(cls.build, "libplugin.so")

    def test_a_halide_function_in_the_same_program(self):
        self.check_libraries(self.application)
        output = run([*EMULATOR, self.application])
        self.assertRegex(output, r"^variant \w+\n$")

    def test_an_application_keeps_halides_default_handler(self):
        done = subprocess.run(
            [*EMULATOR, self.application, "abort"], text=True, capture_output=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)))
        self.assertEqual(done.returncode, -signal.SIGABRT)
        self.assertIn("Input buffer input", done.stdout + done.stderr)

    def test_driver_for_c(self):
        self.assertRegex(run([*EMULATOR, os.path.join(self.build, "linked_by_c")]), r"^\d+\.\d+\.\d+\n$")

    def test_the_shared_library_of_c(self):
        program = os.path.join(self.build, "in_c")
        self.assertRegex(run(["readelf", "-d", program]), r"NEEDED.*\[libglimpse\.so\.\d+\]")
        self.check_libraries(os.path.realpath(installed("libglimpse.so")))
        folder = os.path.dirname(installed("libglimpse.so"))
        output = run(["env", f"LD_LIBRARY_PATH={folder}", *EMULATOR, program])
        self.assertRegex(output, r"^\d+\.\d+\.\d+ 5\n$")

    def test_shared_library(self):
        self.check_libraries(self.plugin)
        exported = {line.split()[-1] for line in
                    run([NM, "-D", "--defined-only", self.plugin]).splitlines()}
        self.assertEqual(exported, {"plugin_crop"})

        output = run([*EMULATOR, os.path.join(self.build, "host"), self.plugin])
        self.assertEqual(output, "4 4 5 4 4 5\n")


if __name__ == "__main__":
    unittest.main()
