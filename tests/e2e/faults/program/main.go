// A program with everything a move to another image can break: a template, a folder it writes to, signals, children.
package main

import (
	"flag"
	"fmt"
	"html/template"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	log.SetFlags(0)
	listen := flag.String("listen", ":8080", "address to listen on")
	version := flag.Bool("version", false, "print the version and exit")
	flag.Parse()
	switch {
	case *version:
		fmt.Println("app 1.0")
	case flag.Arg(0) == "work":
		fmt.Println("worked")
		os.Exit(3)
	case flag.Arg(0) == "health":
		answer, err := http.Get("http://127.0.0.1:8080/health")
		if err != nil || answer.StatusCode != http.StatusOK {
			os.Exit(1)
		}
	case flag.Arg(0) == "sleep":
		time.Sleep(300 * time.Millisecond)
	case flag.Arg(0) == "start-and-leave":
		exec.Command(os.Args[0], "sleep").Start()
	case flag.Arg(0) == "orphan":
		exec.Command(os.Args[0], "start-and-leave").Run()
		serve(*listen)
	default:
		serve(*listen)
	}
}

func serve(listen string) {
	if _, err := os.Stat("data"); err == nil {
		if err := os.WriteFile("data/started", nil, 0o644); err != nil {
			log.Print("nothing is recorded")
		}
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGUSR1)
	go func() {
		for got := range signals {
			if got == syscall.SIGTERM {
				log.Print("stopping")
				os.Exit(0)
			}
			log.Print("reloaded")
		}
	}()
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	http.HandleFunc("/", page)
	log.Fatal(http.ListenAndServe(listen, nil))
}

func page(w http.ResponseWriter, _ *http.Request) {
	parsed, err := template.ParseFiles("index.tmpl")
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	parsed.Execute(w, os.Getenv("GREETING"))
}
