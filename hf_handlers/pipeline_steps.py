"""The three steps of a pipeline of transformers, with the arguments of one call.

`preprocess` makes chunks of an element: most tasks one, long contexts and candidate labels several. `forward` takes
chunks of any elements. `postprocess` makes of an element's outputs its inference.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from hf_handlers import foreign_errors, texts
from hf_handlers.errors import ElementError, InvalidConfig
from hf_handlers.generation import Generation
from hf_handlers.task import Task

# With one of these among the arguments, how texts are cut is their author's business.
_CUTTING = {"truncation", "tokenize_kwargs", "tokenizer_kwargs", "tokenizer_encode_kwargs"}


class PipelineSteps:
    """The steps of one call.

    Args:
        framework: hf_handlers/torch.py.
        pipeline: of transformers.
        tokenizer_limit: most tokens of a text by the tokenizer as it was loaded; each call sets one of its own.
        arguments: of the call.
        max_length: most tokens of a text; None for the model's own limit.
        truncation: cut longer texts; if false, they are InputTooLong.

    Raises:
        InvalidConfig: the pipeline does not take one of the arguments.
    """

    def __init__(
        self,
        framework: Any,
        pipeline: Any,
        task: Task,
        tokenizer_limit: int,
        arguments: Mapping[str, Any],
        *,
        max_length: int | None,
        truncation: bool,
    ) -> None:
        self._framework = framework
        self._pipeline = pipeline
        self._task = task
        self._in_chunks = framework.makes_chunks(pipeline)
        self._generation = Generation.of(pipeline, arguments) if task.generates else Generation()
        positions = self._generation.text_limit(framework.position_limit(pipeline.model))
        limit = texts.limit(max_length or tokenizer_limit, positions)
        # Texts read in pieces are never too long; with NO_LIMIT the tokenizer tells how long the others are.
        ours = task.truncation is not None and not _CUTTING & arguments.keys()
        pipeline.tokenizer.model_max_length = texts.NO_LIMIT if limit is None or (ours and not truncation) else limit
        self._limit = limit if ours else None
        cut = task.truncation if ours and truncation and limit is not None else None
        self._arguments = {**(cut or {}), **arguments}
        steps = zip(
            (pipeline._preprocess_params, pipeline._forward_params, pipeline._postprocess_params),
            self._sanitized(self._arguments),
            strict=True,
        )
        self._preprocess, self._forward, self._postprocess = ({**loaded, **called} for loaded, called in steps)
        if self._generation.continues and "max_length" in self._preprocess:
            # Of generate(): text and continuation together. Text generation gives it to the tokenizer too.
            self._preprocess["max_length"] = limit

    def preprocess(self, element: Any) -> list[Any]:
        """The chunks of an element: mappings with tensors (1, tokens).

        Raises:
            ElementError: the element is not what the task takes, or too long.
        """
        arguments = self._task.arguments_of(element, {**self._preprocess, **self._arguments})
        packed, extra = self._task.packs(arguments)
        params = {**self._preprocess, **self._sanitized({**self._arguments, **extra})[0]} if extra else self._preprocess
        made = self._pipeline.preprocess(packed, **params)
        chunks = list(made) if self._in_chunks else [made]
        if not _tokens(chunks[0]) and self._generation.continues and self._pipeline.tokenizer.bos_token:
            # To continue nothing, generate() starts from this token too, but only where the text is alone.
            chunks = [self._pipeline.preprocess(self._pipeline.tokenizer.bos_token, **params) | {"prompt_text": packed}]
        for chunk in chunks:
            texts.check(_tokens(chunk), self._limit)
        return chunks

    def cost(self, chunk: Any) -> int:
        """Tokens that a chunk costs, those to be generated included."""
        return self._generation.cost(_tokens(chunk))

    def forward(self, chunks: Sequence[Any]) -> list[Any]:
        """One output for each chunk."""
        if self._pipeline.tokenizer.pad_token_id is None:
            groups = [[chunk] for chunk in chunks]
        elif self._generation.can_pad:
            groups = [list(chunks)]
        else:
            groups = [list(group) for _, group in itertools.groupby(chunks, key=_tokens)]
        return [output for group in groups for output in self._forward_group(group)]

    def postprocess(self, outputs: Sequence[Any]) -> Any:
        """The inference of the element that these outputs are of, or the ElementError among them."""
        for output in outputs:
            if isinstance(output, ElementError):
                return output
        try:
            raw = self._pipeline.postprocess(list(outputs) if self._in_chunks else outputs[0], **self._postprocess)
        except Exception as error:
            return foreign_errors.of_element(error)
        # Of a list of texts these pipelines give the one answer to each, not a list of one.
        return raw[0] if self._task.generates and not self._generation.continues and len(raw) == 1 else raw

    def _forward_group(self, chunks: list[Any]) -> list[Any]:
        outputs: list[Any] = self._framework.forward_pipeline(self._pipeline, chunks, self._forward)
        for chunk, output in zip(chunks, outputs, strict=True):
            if self._in_chunks:
                output.pop("is_last", None)
                output.pop("encoder_last_hidden_state", None)  # large, and kept until the element's last chunk
            if self._task.pads:
                self._cut_padding(output, _tokens(chunk))
        return outputs

    def _cut_padding(self, output: Any, tokens: int) -> None:
        name = next(iter(output))
        left = self._pipeline.tokenizer.padding_side == "left"
        output[name] = output[name][:, -tokens:] if left else output[name][:, :tokens]  # (1, tokens, hidden)

    def _sanitized(self, arguments: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any]]:
        try:
            return self._pipeline._sanitize_parameters(**arguments)  # type: ignore[no-any-return]
        except (TypeError, ValueError, KeyError) as error:
            raise InvalidConfig(
                f"expected arguments that {self._task.name} takes, found {error}",
                path="inference_args",
                remedy="Correct them.",
            ) from error


def prepare_tokenizer(pipeline: Any, task: Task) -> None:
    """Make padding possible, and right for models that continue a text: they need its end, next to what follows."""
    tokenizer, config = pipeline.tokenizer, pipeline.model.config
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    if config.pad_token_id is None:
        config.pad_token_id = tokenizer.pad_token_id
    if task.generates:
        # Of the pipeline itself in transformers 4 only.
        generation_config = getattr(pipeline, "generation_config", pipeline.model.generation_config)
        if generation_config.pad_token_id is None:
            generation_config.pad_token_id = tokenizer.pad_token_id
    if task.generates and not config.is_encoder_decoder:
        tokenizer.padding_side = tokenizer.truncation_side = "left"


def _tokens(chunk: Any) -> int:
    return int(chunk["input_ids"].shape[1])
