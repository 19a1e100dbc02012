#!/usr/bin/python3
"""Cameras that share no code with varuh or gortsplib: GStreamer's RTSP server plays files.

Needs Debian's gir1.2-gst-rtsp-server-1.0, python3-gi, gstreamer1.0-plugins-good, -bad and -ugly; run
it with the system's python3.

  gstreamer.py [--user U --password P] PATH=VIDEO[+SOUND]:FILE ...

FILE is Matroska, or an MPEG transport stream (.ts). VIDEO is h264, h265 or mjpeg, SOUND is aac, opus, alaw or mulaw. It asks for Digest authentication if a user
is given, serves TCP and UDP, prints the port it listens on, and ends with its standard input.
Whoever plays a camera gets its file from the beginning.
"""
import argparse
import sys
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtsp, GstRtspServer, GLib

# config-interval=0: no parameter sets but those that are in the file.
VIDEO = {
    "h264": "h264parse ! rtph264pay name=pay0 pt=96 config-interval=0",
    "h265": "h265parse ! rtph265pay name=pay0 pt=96 config-interval=0",
    "mjpeg": "jpegparse ! rtpjpegpay name=pay0 pt=26",
}
SOUND = {
    "aac": "aacparse ! rtpmp4gpay name=pay1 pt=97",
    "opus": "opusparse ! rtpopuspay name=pay1 pt=97",
    "alaw": "rtppcmapay name=pay1 pt=8",
    "mulaw": "rtppcmupay name=pay1 pt=0",
}


def pipeline(codecs, name):
    """The pipeline that plays a file, as gst-launch has it."""
    video, _, sound = codecs.partition("+")
    if name.endswith(".ts"):  # whose pads have names of their own
        return f'( filesrc location="{name}" ! tsdemux ! {VIDEO[video]} )'
    text = f'( filesrc location="{name}" ! matroskademux name=d d.video_0 ! queue ! {VIDEO[video]} '
    if sound:
        text += f"d.audio_0 ! queue ! {SOUND[sound]} "
    return text + ")"


def digest(user, password):
    """Digest authentication for one user."""
    auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "user")
    auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
    auth.add_digest(user, password, token)
    return auth


def allowed():
    """What a user may do."""
    p = GstRtspServer.RTSPPermissions()
    p.add_permission_for_role("user", "media.factory.access", True)
    p.add_permission_for_role("user", "media.factory.construct", True)
    return p


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--user")
    p.add_argument("--password")
    p.add_argument("camera", nargs="+")
    a = p.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    if a.user:
        server.set_auth(digest(a.user, a.password))
    for camera in a.camera:
        path, _, rest = camera.partition("=")
        codecs, _, name = rest.partition(":")
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(pipeline(codecs, name))
        if a.user:
            factory.set_permissions(allowed())
        server.get_mount_points().add_factory("/" + path, factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)

    loop = GLib.MainLoop()
    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP, lambda *_: loop.quit())
    loop.run()


main()
