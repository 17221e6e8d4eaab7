# The tool as an image: docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/src" dfmod convert
FROM python:3.13-slim-trixie AS build
WORKDIR /dist
COPY . .
RUN pip install --no-cache-dir --target /app ".[bot]"

# tini 0.19.0 as PID 1, checksum-pinned, for amd64 and arm64
FROM scratch AS tini-amd64
ADD --checksum=sha256:c5b0666b4cb676901f90dfcb37106783c5fe2077b04590973b885950611b30ee --chmod=0755 https://github.com/krallin/tini/releases/download/v0.19.0/tini-static-amd64 /tini
FROM scratch AS tini-arm64
ADD --checksum=sha256:eae1d3aa50c48fb23b8cbdf4e369d0910dfc538566bfd09df89a774aa84a48b9 --chmod=0755 https://github.com/krallin/tini/releases/download/v0.19.0/tini-static-arm64 /tini
FROM tini-${TARGETARCH} AS tini

FROM gcr.io/distroless/python3-debian13:nonroot
COPY --from=tini /tini /tini
COPY --from=build /app /app
ENV PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1
WORKDIR /src
ENTRYPOINT ["/tini", "--", "/usr/bin/python3", "-m", "rewriter"]
