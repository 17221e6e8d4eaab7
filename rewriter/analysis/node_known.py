"""Tables of npm packages and commands that say something about run time. Data only.

Source: what the packages document (written down 2026-11-24).
"""

from __future__ import annotations

from rewriter.record import record


@record
class Package:
    """What a package is besides JavaScript: `native` code built or fetched for one C library, `libraries`, `programs`.

    `libraries` are shared objects npm does not bring, `programs` are started at run time.
    """

    name: str
    native: bool = False
    libraries: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()


_NATIVE = """
@mongodb-js/zstd @napi-rs/canvas @node-rs/argon2 @node-rs/bcrypt @parcel/watcher @prisma/client
@sentry/profiling-node @swc/core @tensorflow/tfjs-node argon2 bcrypt better-sqlite3 bufferutil canvas cpu-features
deasync esbuild farmhash grpc heapdump iconv isolated-vm kerberos leveldown libxmljs libxmljs2 lightningcss
lmdb lz4 memwatch-next microtime mmmagic mongodb-client-encryption msgpackr-extract node-expat node-hid node-pty
node-rdkafka node-sass nodegit prisma re2 robotjs rocksdb segfault-handler serialport sharp snappy sodium-native sqlite3
tree-sitter usb utf-8-validate v8-profiler-next wrtc xxhash zeromq zlib-sync
"""
_LIBRARIES = {
    "pg-native": "libpq.so.5",
    "libpq": "libpq.so.5",
    "odbc": "libodbc.so.2",
    "gl": "libGL.so.1",
    "speaker": "libasound.so.2",
}
_PROGRAMS = {
    "puppeteer": "chromium",
    "puppeteer-core": "chromium",
    "playwright": "chromium",
    "playwright-core": "chromium",
    "fluent-ffmpeg": "ffmpeg ffprobe",
    "gm": "gm convert",
    "imagemagick": "convert identify",
    "simple-git": "git",
    "pdf-poppler": "pdftocairo",
    "node-poppler": "pdftocairo",
    "wkhtmltopdf": "wkhtmltopdf",
    "tesseractocr": "tesseract",
    "graphviz": "dot",
    "ping": "ping",
    "node-machine-id": "sh",
    "arch": "sh",
    "systeminformation": "sh",
    "pidusage": "ps",
    "pm2": "ps",
}
PACKAGES = (
    {name: Package(name, native=True) for name in _NATIVE.split()}
    | {name: Package(name, native=True, libraries=tuple(text.split())) for name, text in _LIBRARIES.items()}
    | {name: Package(name, programs=tuple(text.split())) for name, text in _PROGRAMS.items()}
)

# Commands that serve or watch for development; the words after the program that mean so, none: always.
DEV_SERVERS: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "nodemon": "",
        "ts-node-dev": "",
        "tsnd": "",
        "node-dev": "",
        "supervisor": "",
        "webpack-dev-server": "",
        "live-server": "",
        "lite-server": "",
        "browser-sync": "",
        "react-scripts": "start",
        "craco": "start",
        "react-app-rewired": "start",
        "next": "dev",
        "nuxt": "dev",
        "nuxi": "dev",
        "vue-cli-service": "serve",
        "vite": "dev serve",
        "ng": "serve s",
        "webpack": "serve",
        "gatsby": "develop",
        "astro": "dev",
        "remix": "dev",
        "svelte-kit": "dev",
        "strapi": "develop",
        "expo": "start",
        "parcel": "serve watch",
        "tsx": "watch",
        "serverless": "offline",
        "sls": "offline",
        "wrangler": "dev",
        "gulp": "watch serve",
        "docusaurus": "start",
        "vuepress": "dev",
        "quasar": "dev",
        "ember": "serve",
        "start-storybook": "",
        "storybook": "dev",
    }.items()
}
# These serve for development when no subcommand follows, too.
BARE_DEV_SERVERS = frozenset({"vite", "parcel", "nuxt", "next"})
WATCH_OPTIONS = frozenset({"--watch", "-w", "--watch-path"})
# Commands that keep several processes.
SUPERVISORS = frozenset(
    {"pm2", "pm2-runtime", "pm2-docker", "forever", "concurrently", "npm-run-all", "run-p", "foreman"}
)

# Which package a command comes from, where the name is another one.
COMMAND_PACKAGES = {
    "ng": "@angular/cli",
    "nest": "@nestjs/cli",
    "tsc": "typescript",
    "remix-serve": "@remix-run/serve",
    "react-router-serve": "@react-router/serve",
    "babel-node": "@babel/node",
    "sequelize": "sequelize-cli",
    "strapi": "@strapi/strapi",
    "dotenv": "dotenv-cli",
    "vue-cli-service": "@vue/cli-service",
    "medusa": "@medusajs/cli",
    "pm2-runtime": "pm2",
    "run-p": "npm-run-all",
    "run-s": "npm-run-all",
    "svelte-kit": "@sveltejs/kit",
    "docusaurus": "@docusaurus/core",
    "tsnd": "ts-node-dev",
}

# Modules that start programs, and how each function of theirs does: through a shell, by words, or as a node module.
SPAWNERS: dict[str, dict[str, str]] = {
    "child_process": {
        "exec": "shell",
        "execSync": "shell",
        "spawn": "words",
        "spawnSync": "words",
        "execFile": "words",
        "execFileSync": "words",
    },
    "shelljs": {"exec": "shell", "which": "words"},
    "execa": {
        "default": "words",
        "execa": "words",
        "execaSync": "words",
        "sync": "words",
        "execaCommand": "line",
        "execaCommandSync": "line",
        "command": "line",
    },
    "cross-spawn": {"default": "words", "sync": "words", "spawn": "words"},
    "which": {"default": "words", "sync": "words"},
    "command-exists": {"default": "words", "sync": "words"},
}
