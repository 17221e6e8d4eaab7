"""Tables of Go packages and functions that say something about run time. Data only.

Source: what the packages document (written down 2026-11-24). For the rows of `NATIVE` that is the `import "C"` of the
package itself or of one it is made of; libraries without a version are the names the linker is given.
"""

from __future__ import annotations

from rewriter.analysis.found import Topic
from rewriter.record import record


@record
class Native:
    """A package that needs cgo. `libraries` are shared objects it needs at run time; none: its C code comes along."""

    path: str
    libraries: tuple[str, ...] = ()


NATIVE = tuple(
    Native(path, tuple(libraries.split()))
    for path, libraries in (
        ("github.com/mattn/go-sqlite3", ""),
        ("gorm.io/driver/sqlite", ""),
        ("github.com/jinzhu/gorm/dialects/sqlite", ""),
        ("github.com/golang-migrate/migrate/v4/database/sqlite3", ""),
        ("github.com/mutecomm/go-sqlcipher", ""),
        ("github.com/xeodou/go-sqlcipher", ""),
        ("crawshaw.io/sqlite", ""),
        ("github.com/marcboeker/go-duckdb", "libstdc++.so.6"),
        ("github.com/duckdb/duckdb-go", "libstdc++.so.6"),
        ("github.com/confluentinc/confluent-kafka-go", ""),
        ("github.com/tecbot/gorocksdb", "librocksdb.so"),
        ("github.com/linxGNU/grocksdb", "librocksdb.so"),
        ("github.com/jmhodges/levigo", "libleveldb.so"),
        ("github.com/ceph/go-ceph", "librados.so librbd.so"),
        ("github.com/go-gl/gl", "libGL.so"),
        ("github.com/go-gl/glfw", "libGL.so libX11.so"),
        ("github.com/veandco/go-sdl2", "libSDL2.so"),
        ("fyne.io/fyne", "libGL.so libX11.so"),
        ("github.com/gotk3/gotk3", "libgtk-3.so"),
        ("github.com/h2non/bimg", "libvips.so"),
        ("github.com/davidbyttow/govips", "libvips.so"),
        ("github.com/cshum/vipsgen", "libvips.so"),
        ("gopkg.in/gographics/imagick", "libMagickWand.so"),
        ("gocv.io/x/gocv", "libopencv_core.so"),
        ("github.com/otiai10/gosseract", "libtesseract.so libleptonica.so"),
        ("github.com/chai2010/webp", ""),
        ("github.com/kolesa-team/go-webp", "libwebp.so"),
        ("github.com/libgit2/git2go", "libgit2.so"),
        ("github.com/pebbe/zmq4", "libzmq.so"),
        ("github.com/zeromq/goczmq", "libczmq.so"),
        ("github.com/godror/godror", "libclntsh.so"),
        ("github.com/mattn/go-oci8", "libclntsh.so"),
        ("github.com/ibmdb/go_ibm_db", "libdb2.so"),
        ("github.com/alexbrainman/odbc", "libodbc.so"),
        ("github.com/miekg/pkcs11", ""),
        ("github.com/google/gopacket/pcap", "libpcap.so"),
        ("github.com/gopacket/gopacket/pcap", "libpcap.so"),
        ("github.com/msteinert/pam", "libpam.so"),
        ("libvirt.org/go/libvirt", "libvirt.so"),
        ("libvirt.org/libvirt-go", "libvirt.so"),
        ("github.com/coreos/go-systemd/v22/sdjournal", "libsystemd.so"),
        ("github.com/seccomp/libseccomp-golang", "libseccomp.so"),
        ("github.com/NVIDIA/go-nvml", "libnvidia-ml.so"),
        ("github.com/DataDog/zstd", ""),
        ("github.com/valyala/gozstd", ""),
        ("github.com/supranational/blst", ""),
        ("github.com/uber/h3-go", ""),
        ("github.com/smacker/go-tree-sitter", ""),
        ("github.com/tree-sitter/go-tree-sitter", ""),
        ("rogchap.com/v8go", "libstdc++.so.6"),
        ("github.com/bytecodealliance/wasmtime-go", ""),
        ("github.com/wasmerio/wasmer-go", "libwasmer.so"),
        ("github.com/yalue/onnxruntime_go", "libonnxruntime.so"),
        ("github.com/tensorflow/tensorflow/tensorflow/go", "libtensorflow.so"),
        ("github.com/gordonklaus/portaudio", "libportaudio.so"),
        ("github.com/hajimehoshi/oto", "libasound.so"),
        ("github.com/ebitengine/oto", "libasound.so"),
        ("github.com/faiface/beep/speaker", "libasound.so"),
        ("github.com/gopxl/beep/speaker", "libasound.so"),
        ("github.com/hraban/opus", "libopus.so"),
        ("layeh.com/gopus", ""),
        ("github.com/asticode/go-astiav", "libavcodec.so libavformat.so"),
        ("github.com/aarzilli/golua", "liblua5.1.so"),
    )
)

# Programs that make workers of themselves whose parent must not be PID 1, and packages that only exist for that.
PREFORK_PACKAGES = ("github.com/valyala/fasthttp/prefork", "github.com/kuangchanglang/graceful")
PREFORK_KEYS = frozenset({"Prefork", "EnablePrefork"})

# Which imports make a dynamic program of one that is built with cgo, and which need root certificates.
RESOLVER_PACKAGES = frozenset({"net", "net/http", "net/rpc", "net/smtp", "net/http/httputil", "crypto/tls", "os/user"})
TLS_PACKAGES = frozenset({"crypto/tls", "crypto/x509"})
TLS_CALLS = frozenset(f"net/http.{name}" for name in ("Get", "Post", "PostForm", "Head", "NewRequest", "DefaultClient"))
EMBEDDED_ZONES = "time/tzdata"

# Functions by import path and name, methods by their name alone; the number is the argument that matters, None all.
CALLS: dict[str, tuple[Topic, int | None]] = {
    "os.Open": (Topic.ASSET, 0),
    "os.ReadFile": (Topic.ASSET, 0),
    "os.ReadDir": (Topic.ASSET, 0),
    "os.Stat": (Topic.ASSET, 0),
    "os.DirFS": (Topic.ASSET, 0),
    "io/ioutil.ReadFile": (Topic.ASSET, 0),
    "io/ioutil.ReadDir": (Topic.ASSET, 0),
    "path/filepath.Glob": (Topic.ASSET, 0),
    "path/filepath.Walk": (Topic.ASSET, 0),
    "path/filepath.WalkDir": (Topic.ASSET, 0),
    "net/http.Dir": (Topic.ASSET, 0),
    "net/http.ServeFile": (Topic.ASSET, 2),
    "html/template.ParseFiles": (Topic.ASSET, None),
    "html/template.ParseGlob": (Topic.ASSET, 0),
    "text/template.ParseFiles": (Topic.ASSET, None),
    "text/template.ParseGlob": (Topic.ASSET, 0),
    "crypto/tls.LoadX509KeyPair": (Topic.ASSET, None),
    "github.com/joho/godotenv.Load": (Topic.ASSET, None),
    "github.com/joho/godotenv.Overload": (Topic.ASSET, None),
    "github.com/joho/godotenv.Read": (Topic.ASSET, None),
    "github.com/spf13/viper.AddConfigPath": (Topic.ASSET, 0),
    "github.com/spf13/viper.SetConfigFile": (Topic.ASSET, 0),
    "github.com/golang-migrate/migrate/v4.New": (Topic.ASSET, 0),
    "github.com/golang-migrate/migrate/v4.NewWithDatabaseInstance": (Topic.ASSET, 0),
    "github.com/pressly/goose/v3.Up": (Topic.ASSET, 1),
    "github.com/BurntSushi/toml.DecodeFile": (Topic.ASSET, 0),
    "gopkg.in/ini.v1.Load": (Topic.ASSET, 0),
    "github.com/gin-contrib/static.LocalFile": (Topic.ASSET, 0),
    "github.com/gofiber/template/html.New": (Topic.ASSET, 0),
    "github.com/gofiber/template/html/v2.New": (Topic.ASSET, 0),
    "github.com/gofiber/template/django/v3.New": (Topic.ASSET, 0),
    "github.com/gofiber/template/handlebars/v2.New": (Topic.ASSET, 0),
    "github.com/oschwald/geoip2-golang.Open": (Topic.ASSET, 0),
    "github.com/oschwald/maxminddb-golang.Open": (Topic.ASSET, 0),
    ".ParseFiles": (Topic.ASSET, None),
    ".ParseGlob": (Topic.ASSET, 0),
    ".LoadHTMLGlob": (Topic.ASSET, 0),
    ".LoadHTMLFiles": (Topic.ASSET, None),
    ".Static": (Topic.ASSET, 1),
    ".StaticFile": (Topic.ASSET, 1),
    ".File": (Topic.ASSET, -1),
    ".SendFile": (Topic.ASSET, 0),
    ".AddConfigPath": (Topic.ASSET, 0),
    ".SetConfigFile": (Topic.ASSET, 0),
    ".ListenAndServeTLS": (Topic.ASSET, None),
    "os.Create": (Topic.WRITE, 0),
    "os.Mkdir": (Topic.WRITE, 0),
    "os.MkdirAll": (Topic.WRITE, 0),
    "os.WriteFile": (Topic.WRITE, 0),
    "io/ioutil.WriteFile": (Topic.WRITE, 0),
    "gorm.io/driver/sqlite.Open": (Topic.WRITE, 0),
    "go.etcd.io/bbolt.Open": (Topic.WRITE, 0),
    "github.com/boltdb/bolt.Open": (Topic.WRITE, 0),
    "plugin.Open": (Topic.PLUGIN, 0),
    "net/http.ListenAndServe": (Topic.PORT, 0),
    "net.Listen": (Topic.PORT, 1),
    ".ListenAndServe": (Topic.PORT, 0),
    ".Run": (Topic.PORT, 0),
    ".Start": (Topic.PORT, 0),
    ".Listen": (Topic.PORT, 0),
}
# A default value is an asset only if it looks like a path.
DEFAULTS = {"flag.String": 1, "flag.StringVar": 2, ".String": 1, ".StringVar": 2, ".StringP": 2, ".StringVarP": 3}
TEMPORARY = frozenset({"os.CreateTemp", "os.MkdirTemp", "os.TempDir", "io/ioutil.TempFile", "io/ioutil.TempDir"})
PARENT = frozenset({"os.Getppid", "syscall.Getppid", "golang.org/x/sys/unix.Getppid"})
SIGTERM_CALLS = frozenset({"os/signal.Notify", "os/signal.NotifyContext"})
SIGTERM_NAMES = frozenset({"syscall.SIGTERM", "unix.SIGTERM"})
SIGTERM_METHODS = frozenset({"SetupSignalHandler", "SetupSignalContext"})
SPAWNS = {
    "os/exec.Command": 0,
    "os/exec.CommandContext": 1,
    "os/exec.LookPath": 0,
    "os.StartProcess": 0,
    "syscall.Exec": 0,
    "golang.org/x/sys/unix.Exec": 0,
}
