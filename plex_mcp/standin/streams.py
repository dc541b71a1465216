"""Media, Part and Stream elements: what is in the files."""

from collections.abc import Mapping
from functools import lru_cache

from plex_mcp.standin.model import LANGUAGES, Media, Profile, StreamSpec
from plex_mcp.standin.profiles import channel_name
from plex_mcp.standin.xml import Value, attributes, element

_DOLBY_VISION: dict[str, Value] = {
    "DOVIBLCompatID": 1,
    "DOVIBLPresent": 1,
    "DOVIELPresent": 0,
    "DOVILevel": 6,
    "DOVIPresent": 1,
    "DOVIProfile": 8,
    "DOVIRPUPresent": 1,
    "DOVIVersion": "1.0",
}
_ASPECTS = ((1.4, 1.33), (1.7, 1.66), (2.0, 1.78), (9.9, 2.35))


@lru_cache(maxsize=256)
def _encoding(profile: Profile) -> dict[str, Value]:
    """What a Media element says of its encoding; the same for all files made alike."""
    is_video, is_photo = profile.video_codec is not None, profile.container == "jpeg"
    aspect = next(shown for below, shown in _ASPECTS if profile.width / max(profile.height, 1) < below)
    return {
        "bitrate": profile.bitrate_kbps or None,
        "width": profile.width or None,
        "height": profile.height or None,
        "aspectRatio": f"{aspect:.2f}" if is_video or is_photo else None,
        "audioChannels": profile.channels or None,
        "audioCodec": profile.audio_codec,
        "videoCodec": profile.video_codec,
        "videoResolution": profile.resolution or None,
        "container": profile.container,
        "videoFrameRate": "24p" if is_video else None,
        "optimizedForStreaming": 0 if profile.container == "mp4" else None,
        "audioProfile": "lc" if profile.audio_codec == "aac" else None,
        "has64bitOffsets": 0 if profile.container == "mp4" else None,
        "videoProfile": _video_profile(profile) if is_video else None,
        "hasVoiceActivity": 0 if is_video else None,
    }


def media_attributes(media: Media) -> dict[str, Value]:
    """What a Media element says."""
    return {"id": media.media_id, "duration": media.duration_ms or None} | _encoding(media.profile)


def part_attributes(media: Media) -> dict[str, Value]:
    """What a Part element says."""
    profile = media.profile
    return {
        "id": media.media_id,
        "key": f"/library/parts/{media.media_id}/{1600000000 + media.media_id}/file.{profile.container}",
        "duration": media.duration_ms or None,
        "file": media.file,
        "size": media.size_bytes,
        "audioProfile": "lc" if profile.audio_codec == "aac" else None,
        "container": profile.container,
        "has64bitOffsets": 0 if profile.container == "mp4" else None,
        "hasThumbnail": 1 if profile.container in ("flac", "mp3", "mp4") else None,
        "indexes": "sd" if profile.video_codec else None,
        "optimizedForStreaming": 0 if profile.container == "mp4" else None,
        "videoProfile": _video_profile(profile) if profile.video_codec else None,
    }


def media_xml(media: Media, *, full: bool, check_files: bool = False) -> str:
    """A version with its file; the streams only in the full form."""
    part = part_attributes(media)
    if check_files:
        part = {"accessible": 1, "exists": 1} | part
    streams = (
        [
            element("Stream", stream_attributes(media, number, stream))
            for number, stream in enumerate(media.profile.streams)
        ]
        if full
        else []
    )
    inner = element("Part", part, streams)
    duration = f' duration="{media.duration_ms}"' if media.duration_ms else ""
    return f'<Media id="{media.media_id}"{duration}{_encoding_text(media.profile)}>\n{inner}</Media>\n'


@lru_cache(maxsize=256)
def _encoding_text(profile: Profile) -> str:
    return attributes(_encoding(profile))


def stream_attributes(
    media: Media, number: int, stream: StreamSpec, selected: Mapping[int, int] | None = None
) -> dict[str, Value]:
    """What a Stream element says. ``selected`` maps kind to the chosen stream's id; else the first audio is."""
    stream_id = media.stream_id(number)
    name, tag = LANGUAGES.get(stream.language or "", (None, None))
    chosen = selected.get(stream.kind) == stream_id if selected is not None else stream.kind == 2 and stream.default
    common: dict[str, Value] = {
        "id": stream_id,
        "streamType": stream.kind,
        "selected": True if chosen else None,
        "default": True if stream.default else None,
        "forced": True if stream.forced else None,
        "codec": stream.codec,
        "index": number if not stream.external else None,
        "bitrate": stream.bitrate_kbps or (0 if stream.kind == 3 else None),
        "language": name,
        "languageTag": tag,
        "languageCode": stream.language,
    }
    if stream.external:
        common["key"] = f"/library/streams/{stream_id}"
    if len(media.profile.streams) > 1 and not stream.external:
        original = next((s.language for s in media.profile.streams if s.kind == 2), None)
        common |= {"original": True if stream.language == original else None}
        common |= {"dub": True if stream.kind != 1 and stream.language != original else None}
    extra = {1: _video, 2: _audio, 3: _subtitle, 4: _lyrics}[stream.kind](media, stream)
    shown, extended = _display(media, stream, name)
    return common | extra | {"title": stream.title, "displayTitle": shown, "extendedDisplayTitle": extended}


def _video(media: Media, stream: StreamSpec) -> dict[str, Value]:
    profile = media.profile
    colours: dict[str, Value] = {
        "colorPrimaries": "bt709",
        "colorRange": "tv",
        "colorSpace": "bt709",
        "colorTrc": "bt709",
    }
    if profile.hdr:
        colours = {"colorPrimaries": "bt2020", "colorRange": "tv", "colorSpace": "bt2020nc", "colorTrc": "smpte2084"}
        colours |= _DOLBY_VISION if profile.dolby_vision else {}
    return {
        "bitDepth": 10 if profile.hdr else 8,
        "chromaLocation": "left",
        "chromaSubsampling": "4:2:0",
        "codedHeight": profile.height,
        "codedWidth": profile.width,
        **colours,
        "frameRate": "23.976",
        "hasScalingMatrix": 0 if stream.codec == "h264" else None,
        "height": profile.height,
        "level": 40,
        "profile": _video_profile(media.profile),
        "refFrames": 3,
        "scanType": "progressive",
        "width": profile.width,
    }


def _audio(_: Media, stream: StreamSpec) -> dict[str, Value]:
    found: dict[str, Value] = {"channels": stream.channels}
    if stream.codec in ("flac", "mp3"):
        found |= {
            "albumGain": "-9.40",
            "albumPeak": "1.000000",
            "albumRange": "6.100000",
            "gain": "-9.40",
            "loudness": "-8.60",
            "lra": "4.20",
            "peak": "1.000000",
            "bitDepth": 16 if stream.codec == "flac" else None,
        }
    layouts = {1: "mono", 2: "stereo", 6: "5.1(side)"}
    return found | {
        "audioChannelLayout": layouts.get(stream.channels),
        "profile": "lc" if stream.codec == "aac" else None,
        "samplingRate": 44100 if stream.codec in ("flac", "mp3") else 48000,
    }


def _subtitle(_: Media, stream: StreamSpec) -> dict[str, Value]:
    return {
        "canAutoSync": 0,
        "hearingImpaired": True if stream.hearing_impaired else None,
        "format": stream.codec if stream.external else None,
    }


def _lyrics(_: Media, stream: StreamSpec) -> dict[str, Value]:
    return {"format": stream.codec, "minLines": 3, "provider": "com.plexapp.agents.lyricfind", "timed": 1}


def _video_profile(profile: Profile) -> str:
    return "main 10" if profile.hdr else "high"


def _display(media: Media, stream: StreamSpec, language: str | None) -> tuple[str, str]:
    """The two human-readable names of a stream, as Plex puts them together."""
    codec = {"h264": "H.264", "hevc": "HEVC Main 10" if media.profile.hdr else "HEVC"}.get(
        stream.codec, stream.codec.upper()
    )
    if stream.kind == 1:
        size = "4K" if media.profile.resolution == "4k" else f"{media.profile.height}p"
        picture = (" DoVi/HDR10" if media.profile.dolby_vision else " HDR10") if media.profile.hdr else ""
        shown = f"{size}{picture} ({codec})"
        return shown, shown
    if stream.kind == 4:
        return f"{codec} (External)", f"{codec} (External)"
    if stream.kind == 2:
        sound = f"{codec} {channel_name(stream.channels)}"
        shown = f"{language} ({sound})" if language else f"{codec} ({channel_name(stream.channels)})"
        return shown, shown
    words = [language or "Unknown"] + (["SDH"] if stream.hearing_impaired else [])
    words += ["Forced"] if stream.forced else []
    shown = f"{' '.join(words)} ({codec})"
    return shown, f"{stream.title} ({language} {codec})" if stream.title else shown
