"""Any task of transformers' `pipeline()`."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from enum import Enum
from typing import Any, Unpack

from hf_handlers import checks, store, tasks
from hf_handlers.allowed_arguments import values
from hf_handlers.allowed_arguments.generation import own_floats
from hf_handlers.base import HuggingFaceModelHandler
from hf_handlers.batching import generation, padding
from hf_handlers.errors import InvalidConfig
from hf_handlers.frameworks import choice
from hf_handlers.frameworks.protocol import Framework
from hf_handlers.options import HandlerOptions
from hf_handlers.pipeline.loaded import LoadedPipeline
from hf_handlers.pipeline.steps import PipelineSteps
from hf_handlers.pipeline.truncation import Truncation, prepare_texts
from hf_handlers.tasks.media import MediaOptions
from hf_handlers.tasks.task import Task

InferenceFn = Callable[[Sequence[Any], Any, dict[str, Any]], Iterable[Any]]


class PipelineTask(str, Enum):  # noqa: UP042  Beam's is one too, and str() of a StrEnum differs
    """Beam's names of tasks, which handlers also take as strings. `hf_handlers.tasks` says which of them run.

    >>> from hf_handlers import HuggingFacePipelineModelHandler, PipelineTask
    >>> handler = HuggingFacePipelineModelHandler(PipelineTask.FillMask, "distilbert/distilroberta-base")
    >>> PipelineTask.FillMask == "fill-mask"
    True
    """

    AudioClassification = "audio-classification"
    AutomaticSpeechRecognition = "automatic-speech-recognition"
    Conversational = "conversational"
    DepthEstimation = "depth-estimation"
    DocumentQuestionAnswering = "document-question-answering"
    FeatureExtraction = "feature-extraction"
    FillMask = "fill-mask"
    ImageClassification = "image-classification"
    ImageSegmentation = "image-segmentation"
    ImageToText = "image-to-text"
    MaskGeneration = "mask-generation"
    NER = "ner"
    ObjectDetection = "object-detection"
    QuestionAnswering = "question-answering"
    SentimentAnalysis = "sentiment-analysis"
    Summarization = "summarization"
    TableQuestionAnswering = "table-question-answering"
    TextClassification = "text-classification"
    TextGeneration = "text-generation"
    Text2TextGeneration = "text2text-generation"
    TextToAudio = "text-to-audio"
    TokenClassification = "token-classification"
    Translation = "translation"
    VideoClassification = "video-classification"
    VisualQuestionAnswering = "visual-question-answering"
    VQA = "vqa"
    ZeroShotAudioClassification = "zero-shot-audio-classification"
    ZeroShotClassification = "zero-shot-classification"
    ZeroShotImageClassification = "zero-shot-image-classification"
    ZeroShotObjectDetection = "zero-shot-object-detection"
    Translation_XX_to_YY = "translation_XX_to_YY"


class HuggingFacePipelineModelHandler(HuggingFaceModelHandler):
    """Runs a task of transformers' `pipeline()`.

    Elements are what the task takes (docs/tasks.md): a text, an image, audio or a video, or a mapping of its arguments,
    e.g. {"question": …, "context": …}. Media are paths, URIs of fsspec (`https://`, `gs://`, `s3://` …), the bytes of a
    file, arrays, or PIL images. Inference is what the pipeline returns for that element: a dict, or a list of dicts.

    >>> import apache_beam as beam
    >>> from apache_beam.ml.inference.base import RunInference
    >>> from hf_handlers import HuggingFacePipelineModelHandler
    >>> model = "distilbert/distilbert-base-uncased-finetuned-sst-2-english"
    >>> with beam.Pipeline() as pipeline:
    ...     _ = (
    ...         pipeline
    ...         | beam.Create(["what a happy and good day"])
    ...         | RunInference(HuggingFacePipelineModelHandler("text-classification", model))
    ...         | beam.Map(lambda result: print(sorted(result.inference)))
    ...     )
    ['label', 'score']

    Args:
        task: a task of transformers or an alias of one; by default the model's own.
        model: hub id, or a directory; by default transformers' default model for the task.
        inference_fn: called with a Beam batch, the pipeline and the inference arguments instead of our own forward
            passes; returns one prediction for each element.
        load_pipeline_args: further arguments of `pipeline()`.
        element_uris: schemes of URIs that elements may be, with `file` for paths and `data` for base64; by default all
            that fsspec knows. If empty, media must be bytes, arrays or PIL images.
        options: see HandlerOptions.

    Raises:
        InvalidConfig: an argument is not what it should be.
        ModelUnsupported: the task does not run on the framework.
    """

    def __init__(
        self,
        task: str | PipelineTask = "",
        model: str = "",
        *,
        inference_fn: InferenceFn | None = None,
        load_pipeline_args: Mapping[str, Any] | None = None,
        element_uris: Collection[str] | None = None,
        **options: Unpack[HandlerOptions],
    ) -> None:
        self._task = tasks.find(task).name if task else None
        self._inference_fn = inference_fn
        self._element_uris = element_uris
        self._load_pipeline_args = checks.mapping("load_pipeline_args", load_pipeline_args)
        self._take_over(options)
        model, options["revision"] = self._model_or_default(model, options.get("revision"), options.get("framework"))
        super().__init__(model, **options)
        if self._task and self._options["framework"]:
            tasks.find(self._task).check_framework(self._options["framework"])

    def get_metrics_namespace(self) -> str:
        """The namespace of RunInference's metrics: Beam's own for this handler."""
        return "BeamML_HuggingFacePipelineModelHandler"

    def _load_model(self) -> LoadedPipeline:
        pinned, directory = self._fetch(self._options["framework"] or choice.only_installed())
        name = self._framework_of(directory)
        framework = choice.verbs(name)
        token = self._options["token"]
        config = store.config(pinned, token)
        tag = None if self._task else store.pipeline_tag(pinned, token)
        task = tasks.find(self._task) if self._task else tasks.for_model(config, tag)
        task.check_version()
        task.check_framework(name)
        tasks.check_model(task, config)
        with self._loading(pinned, directory) as files:
            choice.check_architectures(config)
            pipeline = framework.load_pipeline(task.name, files, **self._arguments(framework, task))
            if self._options["quantization"]:
                framework.quantize(pipeline.model)
        prepare_texts(pipeline, task)
        _settle(pipeline)
        batches = self._micro_batches(framework)
        sides = generation.sides(pipeline.model) if task.generates else padding.SIDES
        return LoadedPipeline(
            pipeline,
            functools.partial(
                PipelineSteps,
                framework,
                pipeline,
                task,
                Truncation(
                    pipeline.tokenizer,
                    task,
                    max_length=self._options["max_length"],
                    max_length_limit=self._options["max_length_limit"],
                    truncation=bool(self._options["truncation"]),
                ),
                self._sharing(pipeline.model, batches, sides),
                MediaOptions(self._element_uris, _sampling_rate(pipeline)),
            ),
            batches,
            inference_fn=self._inference_fn,
            model_id=pinned.model_id,
        )

    def _take_over(self, options: HandlerOptions) -> None:
        """Arguments of `pipeline()` that are also options: they become options, and are refused if given as both."""
        ours = ("revision", "token", "framework", "device", "dtype", "batch_size")
        checks.given_once(self._load_pipeline_args, options, ours, "load_pipeline_args")
        for name in ("task", "model"):
            if name in self._load_pipeline_args:
                raise InvalidConfig(
                    f"expected {name} as an argument of the handler, found it in load_pipeline_args",
                    path=f"load_pipeline_args.{name}",
                    remedy="Move it.",
                )
        for name in ("revision", "token", "framework", "batch_size"):
            if name in self._load_pipeline_args:
                options[name] = self._load_pipeline_args.pop(name)  # type: ignore[literal-required]

    def _model_or_default(self, model: str, revision: str | None, framework: str | None) -> tuple[str, str | None]:
        if model:
            return model, revision
        if self._task is None:
            raise InvalidConfig("expected a task, a model or both, found neither", path="task", remedy="Name one.")
        default = tasks.find(self._task).default_model(framework)
        if default is None:
            raise InvalidConfig(
                f"expected a model, found none, and {self._task} has no default", path="model", remedy="Name one."
            )
        return default[0], revision or default[1]

    def _arguments(self, framework: Framework, task: Task) -> dict[str, Any]:
        """The arguments of `pipeline()` on this worker."""
        arguments = values.with_floats(self._load_pipeline_args, task.inference_args)
        model_kwargs = self._load_args(arguments.pop("model_kwargs", {}))
        device = framework.device(self._options["device"])
        if not {"device", "device_map"} & arguments.keys():
            arguments["device"] = device
        if not {"dtype", "torch_dtype"} & (arguments.keys() | model_kwargs.keys()):
            arguments["dtype"] = framework.dtype(self._options["dtype"], device)
        return {**arguments, "model_kwargs": model_kwargs}


def _settle(pipeline: Any) -> None:
    """Make the model's own settings of generate() those that pipelines take: floats, and tokens as the only output."""
    for owner in (pipeline, pipeline.model):  # in transformers 4 and 5
        if (own := getattr(owner, "generation_config", None)) is not None:
            for name, value in own_floats(own.to_dict()).items():
                setattr(own, name, value)
            for name in ("return_dict_in_generate", "output_scores", "output_logits"):
                setattr(own, name, False)


def _sampling_rate(pipeline: Any) -> int | None:
    """Of the audio that a pipeline takes, in Hz; None if it takes no audio."""
    return getattr(pipeline.feature_extractor, "sampling_rate", None)
