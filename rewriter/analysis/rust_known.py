"""Tables of Rust crates that say something about run time. Data only.

Source: the build scripts and manifests of the crates (written down 2026-11-24). A crate that is named like a binding
(`*-sys`), or looks for libraries while it is built, and has no row is not known; any other crate is Rust alone.
"""

from __future__ import annotations

from rewriter.record import record

OPENSSL = ("libssl.so.3", "libcrypto.so.3")
OPENSSL_CRATE = "openssl-sys"
OPENSSL_SOURCE = "openssl-src"  # with it in the lock file, openssl-sys links the OpenSSL it compiles itself


@record
class Binding:
    """Shared libraries a crate links, if the builder has the development package; without it, it compiles its own.

    `dev` "": it always links them. No libraries: nothing is needed at run time on Linux.
    """

    libraries: tuple[str, ...] = ()
    dev: str = ""


BINDINGS = {
    OPENSSL_CRATE: Binding(OPENSSL),
    "libz-sys": Binding(("libz.so.1",)),
    "zstd-sys": Binding(("libzstd.so.1",)),
    "bzip2-sys": Binding(("libbz2.so.1.0",), "libbz2-dev"),
    "lzma-sys": Binding(("liblzma.so.5",), "liblzma-dev"),
    "liblzma-sys": Binding(("liblzma.so.5",), "liblzma-dev"),
    "curl-sys": Binding(("libcurl.so.4",), "libcurl4-openssl-dev"),
    "libgit2-sys": Binding(("libgit2.so",), "libgit2-dev"),
    "libssh2-sys": Binding(("libssh2.so.1",), "libssh2-1-dev"),
    "onig_sys": Binding(("libonig.so.5",), "libonig-dev"),
    "lmdb-master-sys": Binding(("liblmdb.so.0",), "liblmdb-dev"),
    "libnghttp2-sys": Binding(("libnghttp2.so.14",), "libnghttp2-dev"),
    "librocksdb-sys": Binding(("libstdc++.so.6",)),
    "link-cplusplus": Binding(("libstdc++.so.6",)),
    **dict.fromkeys(
        # Compiled along, or for what is no library.
        (
            "aws-lc-sys blst brotli-sys clang-sys dirs-sys dirs-sys-next inotify-sys jemalloc-sys libmimalloc-sys "
            "libz-ng-sys linux-raw-sys linux-perf-event-open-sys lz4-sys rpmalloc-sys "
            "secp256k1-sys tikv-jemalloc-sys "
            # Not for Linux.
            "android_log-sys core-foundation-sys coreaudio-sys fsevent-sys jni-sys js-sys kqueue-sys "
            "ndk-sys objc-sys objc2-sys security-framework-sys system-configuration-sys web-sys "
            "windows-sys "
        ).split(),
        Binding(),
    ),
}

# What only helps to find libraries or to compile them.
FINDERS = frozenset({"pkg-config", "vcpkg", "system-deps", "metadeps"})

# Crates made to start other programs, and to load libraries at run time: what they need is not in the lock file.
STARTERS = frozenset(
    "async-process cmd_lib command-group duct headless_chrome libloading dlopen dlopen2 open opener run_script "
    "shared_child subprocess webbrowser xshell".split()
)

# Crates that, with all they depend on, link nothing of the system but OpenSSL where a feature asks for it, whatever
# their version. Only for projects without a lock file.
ALONE = frozenset(
    "actix actix-codec actix-cors actix-files actix-http actix-rt actix-server actix-service actix-session "
    "actix-web actix-web-actors ahash anyhow arc-swap argon2 askama askama_axum async-stream async-std "
    "async-trait axum axum-extra base64 bb8 bb8-postgres bb8-redis bcrypt bincode bitflags bytes chrono "
    "chrono-tz clap config convert_case crossbeam crossbeam-channel csv dashmap deadpool deadpool-postgres "
    "deadpool-redis derive_more dotenv dotenvy either env_logger fastrand figment flate2 fnv form_urlencoded "
    "futures futures-channel futures-core futures-lite futures-util getrandom gotham handlebars hashbrown hex "
    "hostname http http-body http-body-util httparse httpdate humantime hyper hyper-rustls hyper-util "
    "include_dir indexmap itertools itoa jemallocator jsonwebtoken lazy_static libc log lru markup maud md5 "
    "memchr mimalloc mime mime_guess minijinja mio moka nix nom num num-traits num_cpus once_cell ordered-float "
    "parking_lot percent-encoding pin-project pin-project-lite postgres postgres-types pretty_env_logger "
    "prometheus prost quick-xml rand rand_core rayon redis regex reqwest ring rocket rocket_dyn_templates ron "
    "rust-embed rustls rustls-pemfile ryu sailfish semver serde serde_derive serde_json serde_qs serde_repr "
    "serde_urlencoded serde_with serde_yaml sha1 sha2 signal-hook simd-json slab slog smallvec socket2 sqlx "
    "strum strum_macros structopt tempfile tera thiserror tide tikv-jemallocator time tokio tokio-postgres "
    "tokio-postgres-migration tokio-rustls tokio-stream tokio-tungstenite tokio-util toml tonic tower "
    "tower-http tower-service tracing tracing-log tracing-subscriber tungstenite ureq url urlencoding utoipa "
    "uuid v_htmlescape validator walkdir warp webpki-roots yarte zeroize".split()
)
# Crates whose default is OpenSSL, and what features are called that make it so; features that may link anything.
OPENSSL_DEFAULTS = frozenset({"reqwest"})
OPENSSL_FEATURES = ("native-tls", "openssl")
DYNAMIC_FEATURES = ("dynamic", "gssapi", "pkg-config", "sasl", "system", "unbundled")

# Template engines that compile templates into the program.
COMPILED_TEMPLATES = frozenset("askama askama_actix askama_axum rinja ructe sailfish yarte".split())
READ_TEMPLATES = frozenset("handlebars liquid minijinja rocket_dyn_templates tera upon".split())

# Development packages of buildpack-deps, which the Rust images that are not slim are made from.
BUILDPACK = frozenset(
    "default-libmysqlclient-dev libbz2-dev libcurl4-openssl-dev libdb-dev libevent-dev libffi-dev libgdbm-dev "
    "libglib2.0-dev libgmp-dev libjpeg-dev libkrb5-dev liblzma-dev libmagickcore-dev libmagickwand-dev "
    "libmaxminddb-dev libncurses5-dev libncursesw5-dev libpng-dev libpq-dev libreadline-dev libsqlite3-dev "
    "libssl-dev libtool libwebp-dev libxml2-dev libxslt-dev libyaml-dev zlib1g-dev".split()
)
# The shared libraries that these packages let a program be linked with; those of compilers and of OpenSSL included.
LINKABLE = {
    "libssl-dev": (*OPENSSL, "libz.so.1", "libzstd.so.1"),
    "zlib1g-dev": ("libz.so.1",),
    "libzstd-dev": ("libzstd.so.1",),
    "g++": ("libstdc++.so.6",),
    "build-essential": ("libstdc++.so.6",),
    "libclang-dev": (),
    "clang": ("libstdc++.so.6",),
}
