FROM golang:1.20 AS build
WORKDIR /src
COPY go.mod main.go ./
RUN CGO_ENABLED=0 go build -o /app

FROM debian:bookworm-slim
WORKDIR /srv
COPY --from=build /app /app
COPY index.tmpl ./
ENV GREETING=hello
CMD /app serve; true
