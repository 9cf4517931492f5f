//! The placeholders of recipes, by the texts that have them.

use super::template::placeholders;

placeholders! {
    /// Variables of the environment of CPython's `configure` for a host.
    pub enum ConfigureVariable use Any {
        /// The toolchain's folder.
        Toolchain = "toolchain",
        /// The toolchain's system root.
        Sysroot = "sysroot",
        /// autoconf's `--host`.
        Triple = "triple",
        /// The prefix of the host's libraries.
        Libraries = "libraries",
        /// The folder that is built in.
        Workspace = "workspace",
    }

    /// Variables and commands that build a library.
    pub enum LibraryBuildWord use Any {
        /// The folder that the library is installed into.
        Prefix = "prefix",
        /// The toolchain's folder.
        Toolchain = "toolchain",
        /// The toolchain's system root.
        Sysroot = "sysroot",
        /// autoconf's `--host`.
        Triple = "triple",
    }

    /// Commands that finish a toolchain.
    pub enum FinishWord use Any {
        /// The toolchain's folder.
        Toolchain = "toolchain",
    }

    /// The beginning of a runner's command line. A recipe that has one of them uses it: `catalogue` checks that.
    pub enum Begin use Any {
        /// The path of the recipe's `program.script`.
        Script = "script",
        /// The path of the program that the recipe's `program.driver` starts.
        Program = "program",
    }

    /// A directory or a file that a guest sees.
    pub enum Mount use All {
        /// Its path on this machine.
        Host = "host",
        /// Its path in the guest.
        Guest = "guest",
    }

    /// The directory that a guest starts in.
    pub enum WorkingDirectory use All {
        /// Its path in the guest.
        Guest = "guest",
    }

    /// A variable of a guest's environment.
    pub enum Variable use All {
        Name = "name",
        Value = "value",
    }

    /// A guest's name for its own program.
    pub enum Argv0 use All {
        Argv0 = "argv0",
    }

    /// The size of a guest's stack.
    pub enum StackSize use All {
        Bytes = "bytes",
    }

    /// The time after which a guest is ended.
    pub enum Timeout use One {
        /// With a fraction.
        Seconds = "seconds",
        /// A whole number.
        Milliseconds = "milliseconds",
    }

    /// The folder where a runner keeps what it compiled.
    pub enum Cache use All {
        Cache = "cache",
    }

    /// The host binary that a runner runs.
    pub enum Module use All {
        Module = "module",
    }

    /// How a runner compiles a host binary.
    pub enum CompileWord use All {
        /// The host binary.
        Module = "module",
        /// The file that is made of it.
        Compiled = "compiled",
    }

    /// Reasons that hold for several hosts.
    pub enum ReasonWord use Any {
        /// The host's name.
        Host = "host",
        /// WASI or Emscripten.
        Platform = "platform",
    }
}
