"""The tasks that take or return audio."""

from __future__ import annotations

from typing import Any, Literal

from hf_handlers.allowed_arguments import values
from hf_handlers.allowed_arguments.generation import CONTINUATION, SPEECH_GENERATION
from hf_handlers.errors import InvalidConfig
from hf_handlers.tasks import arguments as kinds
from hf_handlers.tasks import media, outputs
from hf_handlers.tasks.arguments import Argument
from hf_handlers.tasks.image import LABELS, TEMPLATE
from hf_handlers.tasks.task import Arguments, Task
from hf_handlers.tasks.text import TEXT

AUDIO = Argument("audio", kinds.AUDIO, also=("audios", "inputs"))

# These speech models name their classifiers as text models do: ForSequenceClassification.
_CLASSIFIERS = (
    "Data2VecAudio", "Hubert", "SEW", "SEWD", "UniSpeech", "UniSpeechSat", "Wav2Vec2", "Wav2Vec2Bert",
    "Wav2Vec2Conformer", "WavLM",
)  # fmt: skip


def _transcript(arguments: Arguments) -> Any:
    stamps = arguments.get("return_timestamps", False)
    if stamps not in (choices := (True, False, None, "word", "char")):
        raise InvalidConfig(
            f"expected one of {', '.join(map(str, choices))}, found {stamps!r}",
            path="inference_args.return_timestamps",
            remedy="Use one of these values.",
        )
    return outputs.TimedTranscript if stamps else outputs.Transcript


def _timed(raw: dict[str, Any]) -> dict[str, Any]:
    parts = [{"text": c["text"], "start": c["timestamp"][0], "end": c["timestamp"][1]} for c in raw.get("chunks", [])]
    return {"text": raw["text"], "chunks": parts}


# Of a decoder with a language model, which searches the text that fits a CTC model's output.
_BEAM_SEARCH: values.Arguments = {
    "beam_width": values.integer(1, 4096),
    "beam_prune_logp": values.number(),
    "token_min_logp": values.number(),
    "hotwords": values.TEXTS,
    "hotword_weight": values.number(),
    "alpha": values.number(),
    "beta": values.number(),
    "unk_score_offset": values.number(),
    "lm_score_boundary": bool,
}

AUDIO_TASKS: tuple[Task, ...] = (
    Task(
        "audio-classification",
        arguments=(AUDIO,),
        output=lambda arguments: list[outputs.Label],
        inference_args={
            "top_k": values.COUNT | None,
            "function_to_apply": Literal["sigmoid", "softmax", "none"],
        },
        default=("superb/wav2vec2-base-superb-ks", "372e048"),
        architectures=("ForAudioClassification", *(f"{name}ForSequenceClassification" for name in _CLASSIFIERS)),
        truncation=None,
        batches="equal",
    ),
    Task(
        "automatic-speech-recognition",
        arguments=(AUDIO,),
        output=_transcript,
        inference_args={
            "return_timestamps": bool | Literal["word", "char"] | None,
            "chunk_length_s": values.number(0),
            "stride_length_s": values.number(0) | values.list_of(values.number(0), least=2, most=2),
            "ignore_warning": bool,
            "generate_kwargs": SPEECH_GENERATION,
            "decoder_kwargs": _BEAM_SEARCH,
        },
        default=("facebook/wav2vec2-base-960h", "22aad52"),
        architectures=(
            "ForCTC",
            "ForTDT",
            "ForSpeechSeq2Seq",
            "ForSpeechToText",
            "MoonshineForConditionalGeneration",
            "Speech2TextForConditionalGeneration",
            "SpeechEncoderDecoderModel",
            "WhisperForConditionalGeneration",
        ),
        refused={"return_language": "It adds fields that the output type does not have; leave it out."},
        truncation=None,
        generates=True,
        generation_defaults={},
        batches="equal",
        unpack=_timed,
    ),
    Task(
        "zero-shot-audio-classification",
        arguments=(AUDIO, LABELS, TEMPLATE),
        output=lambda arguments: list[outputs.Label],
        default=("laion/clap-htsat-fused", "cca9e28"),
        architectures=("ClapModel",),
        truncation=None,
        batches="equal",
    ),
    Task(
        "text-to-audio",
        aliases=("text-to-speech",),
        arguments=(TEXT,),
        output=lambda arguments: outputs.Sound,
        inference_args={"forward_params": CONTINUATION, "generate_kwargs": CONTINUATION},
        default=("suno/bark-small", "1dbd7a1"),
        architectures=(
            "BarkModel",
            "ForTextToSpeech",
            "ForTextToWaveform",
            "MusicgenForConditionalGeneration",
            "MusicgenMelodyForConditionalGeneration",
            "VitsModel",
        ),
        truncation=None,
        generates=True,
        generation_defaults={},
        batches="alone",  # the audio of a batch is padded, and does not say where it ends
        unpack=lambda raw: {**raw, "audio": media.wav(raw["audio"], raw["sampling_rate"])},
    ),
)
