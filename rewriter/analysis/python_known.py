"""Tables of Python distributions and functions that say something about run time. Data only.

Source: what the distributions document (written down 2026-11-24). A wheel that brings its libraries
along is not here: what it links to is found by looking at its files.
"""

from __future__ import annotations

from rewriter.record import record


@record
class Outside:
    """What a distribution needs that pip does not bring: shared `libraries` (`loaded` by name at run time), `programs`.

    `modules` are the names under which it is imported.
    """

    distribution: str
    modules: tuple[str, ...]
    libraries: tuple[str, ...] = ()
    loaded: bool = False
    programs: tuple[str, ...] = ()


def _row(distribution: str, modules: str, libraries: str = "", programs: str = "", *, loaded: bool = False) -> Outside:
    return Outside(distribution, tuple(modules.split()), tuple(libraries.split()), loaded, tuple(programs.split()))


OUTSIDE = (
    _row("psycopg2", "psycopg2", "libpq.so.5"),
    _row("psycopg", "psycopg", "libpq.so.5", loaded=True),
    _row("mysqlclient", "MySQLdb", "libmariadb.so.3"),
    _row("pyodbc", "pyodbc", "libodbc.so.2"),
    _row("python-ldap", "ldap", "libldap.so"),
    _row("python-magic", "magic", "libmagic.so.1", loaded=True),
    _row("weasyprint", "weasyprint", "libpango-1.0.so.0 libpangoft2-1.0.so.0", loaded=True),
    _row("cairocffi", "cairocffi", "libcairo.so.2", loaded=True),
    _row("cairosvg", "cairosvg", "libcairo.so.2", loaded=True),
    _row("pycairo", "cairo", "libcairo.so.2"),
    _row("pygobject", "gi", "libgirepository-1.0.so.1"),
    _row("opencv-python", "cv2", "libGL.so.1 libglib-2.0.so.0"),
    _row("opencv-contrib-python", "cv2", "libGL.so.1 libglib-2.0.so.0"),
    _row("pyzbar", "pyzbar", "libzbar.so.0", loaded=True),
    _row("wand", "wand", "libMagickWand-6.Q16.so", loaded=True),
    _row("pyaudio", "pyaudio", "libportaudio.so.2"),
    _row("pyusb", "usb", "libusb-1.0.so.0", loaded=True),
    _row("pylibdmtx", "pylibdmtx", "libdmtx.so.0", loaded=True),
    _row("pyvips", "pyvips", "libvips.so.42", loaded=True),
    _row("gdal", "osgeo", "libgdal.so"),
    _row("pygraphviz", "pygraphviz", "libcgraph.so.6", "dot"),
    _row("python-snappy", "snappy", "libsnappy.so.1"),
    _row("xmlsec", "xmlsec", "libxmlsec1.so.1"),
    _row("cx-oracle", "cx_Oracle", "libclntsh.so", loaded=True),
    _row("netfilterqueue", "netfilterqueue", "libnetfilter_queue.so.1"),
    _row("scapy", "scapy", "libpcap.so", "tcpdump", loaded=True),
    _row("python-vlc", "vlc", "libvlc.so.5", loaded=True),
    _row("gitpython", "git", programs="git"),
    _row("pydub", "pydub", programs="ffmpeg ffprobe"),
    _row("ffmpeg-python", "ffmpeg", programs="ffmpeg"),
    _row("openai-whisper", "whisper", programs="ffmpeg"),
    _row("yt-dlp", "yt_dlp", programs="ffmpeg"),
    _row("graphviz", "graphviz", programs="dot"),
    _row("pydot", "pydot", programs="dot"),
    _row("pytesseract", "pytesseract", programs="tesseract"),
    _row("pdf2image", "pdf2image", programs="pdftoppm pdfinfo"),
    _row("pdfkit", "pdfkit", programs="wkhtmltopdf"),
    _row("imgkit", "imgkit", programs="wkhtmltoimage"),
    _row("camelot-py", "camelot", programs="gs"),
    _row("tabula-py", "tabula", programs="java"),
    _row("pyspark", "pyspark", programs="java bash"),
    _row("pypandoc", "pypandoc", programs="pandoc"),
    _row("selenium", "selenium", programs="chromedriver"),
    _row("playwright", "playwright", programs="chromium"),
    _row("pyppeteer", "pyppeteer", programs="chromium"),
    _row("ansible-core", "ansible", programs="ssh sh"),
    _row("ansible", "ansible", programs="ssh sh"),
    _row("jpype1", "jpype", "libjvm.so", loaded=True),
)

# Which file must hold one of these bytes before the slow reader is asked at all.
MARKS = (
    b"subprocess",
    b"os.system",
    b"popen",
    b"os.exec",
    b"os.spawn",
    b"create_subprocess",
    b"find_library",
    b"CDLL",
    b"LoadLibrary",
    b"dlopen",
    b"getppid",
    b"SIGTERM",
    b"shutil",
    b"ZoneInfo",
    b"setlocale",
    b"getpwnam",
    b"getpwuid",
    b"getuser",
    b"from os import",
)

# Functions that hand a string to a shell.
SHELL = frozenset({"os.system", "os.popen", "subprocess.getoutput", "subprocess.getstatusoutput"}) | {
    "asyncio.create_subprocess_shell"
}
# Functions that start a program: the first argument is a list of words, or a string (a shell's with shell=True).
SPAWN = frozenset(f"subprocess.{name}" for name in ("run", "call", "check_call", "check_output", "Popen"))
# Functions whose arguments from this one on are the words.
WORDS = {
    "asyncio.create_subprocess_exec": 0,
    "shutil.which": 0,
    "os.execl": 0,
    "os.execle": 0,
    "os.execlp": 0,
    "os.execv": 0,
    "os.execve": 0,
    "os.execvp": 0,
    "os.execvpe": 0,
    "os.spawnl": 1,
    "os.spawnlp": 1,
    "os.spawnv": 1,
    "os.spawnvp": 1,
    "os.posix_spawn": 0,
    "os.posix_spawnp": 0,
    "pexpect.spawn": 0,
}
LIBRARY = frozenset({"ctypes.util.find_library", "ctypes.CDLL", "ctypes.cdll.LoadLibrary", "ctypes.PyDLL"})
LIBRARY_METHODS = frozenset({"find_library", "LoadLibrary", "dlopen"})
USER = frozenset({"pwd.getpwnam", "pwd.getpwuid", "getpass.getuser"})
ZONE = frozenset({"zoneinfo.ZoneInfo", "backports.zoneinfo.ZoneInfo", "dateutil.tz.gettz"})
PARENT = "os.getppid"
SIGTERM = "signal.SIGTERM"
SIGTERM_METHODS = frozenset({"signal", "add_signal_handler", "sigaction"})
LOCALE = "locale.setlocale"
# What makes the object a server runs: `app = Flask(__name__)`.
FRAMEWORKS = {
    "Flask": "flask",
    "FastAPI": "fastapi",
    "Starlette": "starlette",
    "Quart": "quart",
    "Sanic": "sanic",
    "get_wsgi_application": "django",
    "get_asgi_application": "django",
    "Celery": "celery",
    "Dash": "dash",
}
