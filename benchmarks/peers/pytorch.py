"""PyTorch in three variants that users run: eager, fused and compiled.

Fused is channels last with fused Adam. Compiled adds `torch.compile`.
"""

import pathlib
import sys

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

sys.path.insert(0, str(pathlib.Path(__file__).parents[1]))

from peers import torch_critics, torch_flows
from serve import Implementation, cores, serve


class PyTorch(Implementation):
    """A flow and its critic with Adam; `flow` has `log_prob`, `sample` and `draw`."""

    def __init__(self, spec, flow=None):
        torch.manual_seed(0)
        shape = tuple(spec["image_shape"])
        self.spec, self.variant, self.batch = spec, spec["variant"], spec["batch"]
        self.compiled = self.variant == "compiled"
        self.memory = torch.contiguous_format if self.variant == "eager" else torch.channels_last
        self.flow = flow or torch_flows.build(spec["flow"], shape, spec["options"])
        self.critic = torch_critics.build(spec["critic"], shape)
        if spec["flow"] != "nice":
            self.flow, self.critic = (
                self.flow.to(memory_format=self.memory),
                self.critic.to(memory_format=self.memory),
            )
        images = torch.rand(6 * self.batch, shape[2], *shape[:2]) * 0.98 + 0.01
        self.images = images.to(memory_format=self.memory)
        # the weights' last layers start at zero in training; timing does not depend on the values
        self._log_prob = (
            torch.compile(self.flow.log_prob, dynamic=False)
            if self.compiled
            else self.flow.log_prob
        )
        self._sample = (
            torch.compile(self.flow.sample, dynamic=False) if self.compiled else self.flow.sample
        )
        self._adam = self._critic_adam = None

    def operation(self, name):
        return getattr(self, f"_run_{name}")

    def parameters(self):
        return sum(p.numel() for p in self.flow.parameters())

    def flops(self, name):
        if self.compiled:
            return None
        with FlopCounterMode(display=False) as counter:
            self.operation(name)()
        return counter.get_total_flops()

    def _adams(self):
        if self._adam is None:
            fused = None if self.variant == "eager" else True
            self._adam = torch.optim.Adam(self.flow.parameters(), 1e-4, fused=fused)
            self._critic_adam = torch.optim.Adam(self.critic.parameters(), 1e-4, fused=fused)
        return self._adam, self._critic_adam

    def _run_log_prob(self):
        with torch.inference_mode():
            return self._log_prob(self.images[: self.batch]).numpy()

    def _run_sample(self):
        with torch.inference_mode():
            return self._sample(self.flow.draw(self.batch)).numpy()

    def _run_mle(self):
        adam, _ = self._adams()
        adam.zero_grad(set_to_none=True)
        loss = -self._log_prob(self.images[: self.batch]).mean()
        loss.backward()
        adam.step()
        return loss.item()

    def _run_wgan_gp(self):
        return self._round(0.0)

    def _run_hybrid(self):
        return self._round(0.1)

    def _round(self, nll_weight):
        adam, critic_adam = self._adams()
        with torch.no_grad():
            generated = self._sample(self.flow.draw(5 * self.batch))
        for fake, real in zip(
            generated.split(self.batch), self.images[self.batch :].split(self.batch), strict=True
        ):
            critic_adam.zero_grad(set_to_none=True)
            mix = torch.rand(self.batch, 1, 1, 1)
            between = (real + mix * (fake - real)).requires_grad_()
            (gradient,) = torch.autograd.grad(
                self.critic(between).sum(), between, create_graph=True
            )
            penalty = ((gradient.square().sum((1, 2, 3)) + 1e-12).sqrt() - 1).square().mean()
            (self.critic(fake).mean() - self.critic(real).mean() + 10 * penalty).backward()
            critic_adam.step()
        adam.zero_grad(set_to_none=True)
        self.critic.requires_grad_(False)  # its weights learn nothing here
        loss = -self.critic(self._sample(self.flow.draw(self.batch))).mean()
        if nll_weight:
            loss = loss - nll_weight * self._log_prob(self.images[: self.batch]).mean()
        loss.backward()
        self.critic.requires_grad_(True)
        adam.step()
        return loss.item()

    def density(self, path):
        archive = np.load(path)
        weights = iter(torch.from_numpy(archive[str(i)]) for i in range(len(archive.files) - 1))
        with torch.no_grad():
            if self.spec["flow"] == "nice":
                self.flow.log_scale.copy_(next(weights))
                for network in self.flow.networks:
                    for layer in network[::2]:
                        layer.weight.copy_(next(weights).T)
                        layer.bias.copy_(next(weights))
            else:
                self._take(weights)
            images = torch.from_numpy(archive["images"]).permute(0, 3, 1, 2)
            return self.flow.log_prob(images).tolist()

    def _take(self, weights):
        for parameter, value in zip(self.flow.weights(), weights, strict=True):
            parameter.copy_(value.permute(3, 2, 0, 1) if value.ndim == 4 else value)


if __name__ == "__main__":
    torch.set_num_threads(cores())
    serve(PyTorch)
