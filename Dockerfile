# The image of the connector: one static binary on an empty file system.
# `make image` builds it, with the labels that the platform reads.
ARG GO_IMAGE=golang:1.26-bookworm

FROM --platform=$BUILDPLATFORM $GO_IMAGE AS build
WORKDIR /src

# Where modules come from; empty means Go's own defaults.
ARG GOPROXY
ARG GOSUMDB
ARG GOPRIVATE
ARG GONOSUMDB
ARG GOFLAGS

# The modules are a layer of their own, made again only when go.mod changes.
COPY go.mod go.sum ./
RUN go mod download

COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=dev
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH \
    go build -trimpath -buildvcs=false -ldflags "-s -w -buildid= -X main.version=$VERSION" \
    -o /out/component ./cmd/component

FROM scratch
WORKDIR /

# AWS, the platform and its object storage are called over TLS.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY component.json /component.json
COPY LICENSE NOTICE LICENSES-THIRD-PARTY.txt /licenses/
COPY --from=build /out/component /component

USER 65532:65532

# Whatever the platform starts the container with arrives as arguments, and the
# binary knows them all, those of the platform's Node images included.
ENTRYPOINT ["/component"]

ARG VERSION=dev
ARG REVISION
LABEL org.opencontainers.image.title="AWS Secrets Manager Connector" \
      org.opencontainers.image.description="AWS Secrets Manager for elastic.io and flowground" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$REVISION"

# What the platform learns of the component without running it:
# component.json as one line, logo.png in base64.
ARG COMPONENT
ARG LOGO
LABEL elastic.io.component="$COMPONENT" \
      elastic.io.logo="$LOGO"
