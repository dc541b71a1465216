"""Encodings that the library's files come in."""

from plex_mcp.standin.model import Profile, StreamSpec

_CHANNELS = {1: "Mono", 2: "Stereo", 6: "5.1", 8: "7.1"}


def channel_name(channels: int) -> str:
    """``5.1`` for 6."""
    return _CHANNELS.get(channels, str(channels))


def video(
    resolution: str,
    *,
    audio: tuple[str, ...] = ("eng",),
    subtitles: tuple[str, ...] = (),
    channels: int = 2,
    hdr: bool = False,
    dolby_vision: bool = False,
    square: bool = False,
    forced: str | None = None,
    audio_codec: str | None = None,
    beside: str | None = None,
) -> Profile:
    """A video file's encoding; ``square`` is the 4:3 of old films, ``beside`` a subtitle in a file next to it."""
    height = {"4k": 2160, "1080": 1080, "720": 720, "480": 480, "sd": 360}[resolution]
    bitrate = {"4k": 24000, "1080": 8000, "720": 3500, "480": 1500, "sd": 800}[resolution]
    codec = "hevc" if resolution == "4k" else "h264"
    sound = audio_codec or ("eac3" if channels > 2 else "aac")
    streams = [StreamSpec(1, codec, audio[0] if audio else None, bitrate_kbps=bitrate - 400, default=True)]
    streams += [
        StreamSpec(
            2,
            sound,
            language,
            channels,
            640 if channels > 2 else 192,
            "Surround" if channels > 2 else None,
            default=n == 0,
        )
        for n, language in enumerate(audio)
    ]
    streams += [StreamSpec(3, "srt", language) for language in subtitles]
    if subtitles:
        streams.append(StreamSpec(3, "srt", subtitles[0], title="SDH", hearing_impaired=True))
    if forced:
        streams.append(StreamSpec(3, "srt", forced, title="Forced", forced=True))
    if beside:
        streams.append(StreamSpec(3, "srt", beside, external=True))
    width = height * 4 // 3 if square else height * 16 // 9
    return Profile(
        width,
        height,
        resolution,
        bitrate,
        "mp4" if resolution in ("480", "sd") else "mkv",
        codec,
        sound if audio else None,
        channels if audio else 0,
        tuple(streams),
        hdr,
        dolby_vision,
    )


_LYRICS = StreamSpec(4, "lrc", external=True)
FLAC = Profile(0, 0, "", 1014, "flac", None, "flac", 2, (StreamSpec(2, "flac", None, 2, 1014), _LYRICS))
MP3 = Profile(0, 0, "", 320, "mp3", None, "mp3", 2, (StreamSpec(2, "mp3", None, 2, 320),))
JPEG = Profile(1280, 720, "", 0, "jpeg", None, None, 0, ())
