# docker build -t pixelpact . && docker run --rm -p 8080:8080 pixelpact
# Any other verb: docker run --rm pixelpact verify --target http://192.0.2.7:8080
# Linted, and tested as far as that goes without Docker (tests/test_containers.py); not yet built by anyone.

# The version that the tests run with.
FROM python:3.11-slim-bookworm AS base
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1

FROM base AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
COPY . .
# pip builds the wheel and installs it; it compiles too, which the user below could not.
RUN python -m venv /opt/pixelpact && /opt/pixelpact/bin/pip install '.[redis]'

FROM base
RUN useradd --create-home --uid 10001 pixelpact
COPY --from=build /opt/pixelpact /opt/pixelpact
ENV PATH=/opt/pixelpact/bin:$PATH
WORKDIR /home/pixelpact
# By number: Kubernetes can tell that it is not root.
USER 10001

EXPOSE 8080
# Not urllib, which would ask a proxy of the environment; the image has no curl. The port is that of CMD.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["python", "-c", "\
import http.client; \
asked = http.client.HTTPConnection('127.0.0.1', 8080, timeout=2); \
asked.request('GET', '/health'); \
raise SystemExit(asked.getresponse().status != 200)"]
# `serve` is process 1 and handles the signal itself: it gives the port back and ends with 0.
STOPSIGNAL SIGTERM
ENTRYPOINT ["pixelpact"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8080"]
