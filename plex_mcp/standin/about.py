"""What the server says about itself."""

from plex_mcp.standin.household import Household
from plex_mcp.standin.xml import Value


# fmt: off
def server_attributes(home: Household) -> dict[str, Value]:
    """What the server says about itself."""
    return {
        "allowCameraUpload": 1, "allowChannelAccess": 1, "allowMediaDeletion": 1, "allowSharing": 1, "allowSync": 1,
        "allowTuners": 1, "backgroundProcessing": 1, "certificate": 1, "companionProxy": 1, "countryCode": "nld",
        "diagnostics": "logs,databases,streaminglogs", "eventStream": 1, "friendlyName": "Stand-in", "hubSearch": 1,
        "itemClusters": 1, "livetv": 7, "machineIdentifier": home.machine_identifier, "mediaProviders": 1,
        "multiuser": 1, "musicAnalysis": 2, "myPlex": 1, "myPlexMappingState": "mapped", "myPlexSigninState": "ok",
        "myPlexSubscription": home.plex_pass, "myPlexUsername": home.owner.email, "offlineTranscode": 1,
        "ownerFeatures": "collections,hardware_transcoding,home,hwtranscode,pass,session_kick,sync,type-first,webhooks",
        "photoAutoTag": 1, "platform": "Linux", "platformVersion": "6.1.0", "pluginHost": 1, "pushNotifications": 0,
        "readOnlyLibraries": 0, "streamingBrainABRVersion": 3, "streamingBrainVersion": 2, "sync": 1,
        "transcoderActiveVideoSessions": sum(1 for s in home.playback.sessions() if s.transcoding),
        "transcoderAudio": 1, "transcoderLyrics": 1, "transcoderPhoto": 1, "transcoderSubtitles": 1,
        "transcoderVideo": 1, "transcoderVideoBitrates": "64,96,208,320,720,1500,2000,3000,4000,8000,10000,12000,20000",
        "transcoderVideoQualities": "0,1,2,3,4,5,6,7,8,9,10,11,12",
        "transcoderVideoResolutions": "128,128,160,240,320,480,768,720,720,1080,1080,1080,1080",
        "updatedAt": home.started_at, "updater": 1, "version": home.version, "voiceSearch": 1,
    }
# fmt: on
