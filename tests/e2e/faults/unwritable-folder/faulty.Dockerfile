FROM golang:1.20 AS build
WORKDIR /src
COPY go.mod main.go ./
RUN CGO_ENABLED=0 go build -o /app

FROM scratch AS tini-amd64
ADD --checksum=sha256:c5b0666b4cb676901f90dfcb37106783c5fe2077b04590973b885950611b30ee --chmod=0755 https://github.com/krallin/tini/releases/download/v0.19.0/tini-static-amd64 /tini
FROM scratch AS tini-arm64
ADD --checksum=sha256:eae1d3aa50c48fb23b8cbdf4e369d0910dfc538566bfd09df89a774aa84a48b9 --chmod=0755 https://github.com/krallin/tini/releases/download/v0.19.0/tini-static-arm64 /tini
FROM tini-${TARGETARCH} AS tini

FROM gcr.io/distroless/base-debian13
COPY --from=tini /tini /tini
WORKDIR /srv
COPY --from=build /app /app
COPY index.tmpl ./
ENV GREETING=hello
COPY --from=build /src /srv/data
USER 1000
ENTRYPOINT ["/tini", "--"]
CMD ["/app", "serve"]
