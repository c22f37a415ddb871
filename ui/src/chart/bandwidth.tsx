// SPDX-License-Identifier: GPL-3.0-or-later
// A device's bandwidth over time, stacked by endpoint.

import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useEffect, useRef } from "preact/hooks";
import type { Traffic } from "../api";
import { rate } from "../format";
import { dark, property } from "../theme";
import type { Palette } from "./palette";
import { stack } from "./stack";

interface Props {
	traffic: Traffic;
	palette: Palette;
	/** The point under the pointer, or chosen by the arrow keys; null when there
	 * is none. */
	onPoint: (index: number | null) => void;
}

const HEIGHT = 300;
const FONT = "12px system-ui, sans-serif";

export function Bandwidth({ traffic, palette, onPoint }: Props) {
	const box = useRef<HTMLDivElement>(null);
	const plot = useRef<uPlot | null>(null);
	const shown = useRef(traffic);
	const look = useRef("");

	useEffect(() => {
		const layers = stack(traffic);
		const data = [
			layers.times,
			...layers.in.map((layer) => layer.edge),
			...layers.out.map((layer) => layer.edge),
		] as uPlot.AlignedData;
		const colours = [...layers.in, ...layers.out].map((layer) =>
			property(palette.property(layer.endpoint)),
		);
		const wanted = [dark.value, ...colours].join();

		shown.current = traffic;
		if (plot.current && look.current === wanted) {
			plot.current.setData(data);
			return;
		}
		look.current = wanted;
		plot.current?.destroy();
		plot.current = new uPlot(
			{
				...frame(box.current!.clientWidth),
				series: [{}, ...colours.map(layer)],
				scales: {
					x: {
						range: () => [shown.current.from / 1000, shown.current.to / 1000],
					},
					y: { range: (_plot, least, most) => span(least, most) },
				},
				hooks: {
					draw: [zeroLine],
					setCursor: [
						({ cursor }) =>
							onPoint(pointAt(cursor.idx, shown.current.times.length)),
					],
				},
			},
			data,
			box.current!,
		);
	}, [traffic, dark.value]);

	useEffect(() => {
		const watcher = new ResizeObserver(() =>
			plot.current?.setSize({
				width: box.current!.clientWidth,
				height: HEIGHT,
			}),
		);
		watcher.observe(box.current!);
		return () => {
			watcher.disconnect();
			plot.current?.destroy();
			plot.current = null;
		};
	}, []);

	const choose = (event: KeyboardEvent) => {
		const cursor = plot.current?.cursor.idx ?? null;
		const last = shown.current.times.length - 1;
		const index = keyed(event.key, cursor, last);

		if (index === undefined || !plot.current) return;
		event.preventDefault();
		plot.current.setCursor({
			left: index === null ? -1 : plot.current.valToPos(plot.current.data[0][index]!, "x"),
			top: 0,
		});
	};

	return (
		<div
			class="chart"
			ref={box}
			tabIndex={0}
			role="group"
			aria-label="Bandwidth over time; the arrow keys choose a moment"
			onKeyDown={choose}
			onBlur={() => plot.current?.setCursor({ left: -1, top: -1 })}
		/>
	);
}

function frame(width: number): Omit<uPlot.Options, "series"> {
	const axis: uPlot.Axis = {
		font: FONT,
		stroke: property("--muted"),
		grid: { stroke: property("--line"), width: 1 },
		ticks: { show: false },
	};

	return {
		width,
		height: HEIGHT,
		padding: [12, 36, 0, 0],
		legend: { show: false },
		cursor: { y: false, points: { show: false }, drag: { x: false, y: false } },
		axes: [
			{ ...axis, grid: { show: false }, size: 34, space: 90, values: clockLabels },
			{ ...axis, size: 76, values: (_plot, at) => at.map((y) => rate(Math.abs(y))) },
		],
	};
}

function layer(colour: string): uPlot.Series {
	return {
		fill: colour,
		stroke: property("--surface"),
		width: 1,
		fillTo: 0,
		points: { show: false },
		paths: uPlot.paths.stepped!({ align: 1 }),
	};
}

/** Some air above and below; a quiet device still gets a scale. */
function span(least: number | null, most: number | null): [number, number] {
	const quiet = 1000;

	return [
		Math.min((least ?? 0) * 1.1, -quiet / 4),
		Math.max((most ?? 0) * 1.1, quiet),
	];
}

function clockLabels(_plot: uPlot, seconds: number[]): string[] {
	return seconds.map((at) =>
		new Date(at * 1000).toLocaleTimeString([], {
			hour: "2-digit",
			minute: "2-digit",
			...(at % 60 === 0 ? {} : { second: "2-digit" }),
		}),
	);
}

function zeroLine(plot: uPlot): void {
	const y = Math.round(plot.valToPos(0, "y", true)) + 0.5;

	plot.ctx.save();
	plot.ctx.strokeStyle = property("--muted");
	plot.ctx.lineWidth = devicePixelRatio;
	plot.ctx.beginPath();
	plot.ctx.moveTo(plot.bbox.left, y);
	plot.ctx.lineTo(plot.bbox.left + plot.bbox.width, y);
	plot.ctx.stroke();
	plot.ctx.restore();
}

/** The point that a key goes to, from one that may be none; undefined: none of
 * its keys. */
function keyed(key: string, from: number | null, last: number): number | null | undefined {
	switch (key) {
		case "ArrowLeft":
			return from === null ? last : Math.max(0, from - 1);
		case "ArrowRight":
			return from === null ? 0 : Math.min(last, from + 1);
		case "Home":
			return 0;
		case "End":
			return last;
		case "Escape":
			return null;
	}
	return undefined;
}

function pointAt(index: number | null | undefined, count: number): number | null {
	return index == null || index >= count ? null : index;
}
