"""What TensorBoard's HParams page shows of runs, asked of TensorBoard itself."""

import logging

from tensorboard.backend.event_processing import data_provider, plugin_event_multiplexer
from tensorboard.context import RequestContext
from tensorboard.plugins import base_plugin
from tensorboard.plugins.hparams import api_pb2, backend_context, list_session_groups

__all__ = ["hparams_page"]


def hparams_page(folder, metrics):
    """The experiment, and the rows of the page: (settings, metrics, status) by run."""
    logging.getLogger("tensorboard").setLevel(logging.ERROR)
    multiplexer = plugin_event_multiplexer.EventMultiplexer().AddRunsFromDirectory(str(folder))
    multiplexer.Reload()
    provider = data_provider.MultiplexerDataProvider(multiplexer, str(folder))
    context = backend_context.Context(base_plugin.TBContext(data_provider=provider))
    request = api_pb2.ListSessionGroupsRequest(start_index=0, slice_size=10)
    request.allowed_statuses.extend(api_pb2.Status.values())
    for name in metrics:
        column = request.col_params.add()
        column.metric.tag = name
    hparams_request = RequestContext()
    experiment = context.experiment_from_metadata(
        hparams_request,
        "",
        include_metrics=True,
        hparams_run_to_tag_to_content=context.hparams_metadata(hparams_request, ""),
        data_provider_hparams=[],
    )
    found = list_session_groups.Handler(hparams_request, context, "", request).run()
    return experiment, {
        group.sessions[0].name: (
            {name: getattr(v, v.WhichOneof("kind")) for name, v in group.hparams.items()},
            {value.name.tag: value.value for value in group.metric_values},
            group.sessions[0].status,
        )
        for group in found.session_groups
    }
