// The client of the public API. Addresses are relative to the console, so that it works behind any path prefix.
import { t } from "./messages.js";

const TOKEN = "vehicles.token";
const ATTEMPTS = 3;
const MAX_WAIT_SECONDS = 5;

/**
 * Why there is no answer: `kind` is offline, busy, signed_out, signature (requests must be signed), forbidden or problem.
 * `problem` are the problem details of the API, if it was the API that answered.
 */
export class Failure extends Error {
	constructor(kind, status = 0, problem = null) {
		super(kind === "problem" ? (problem?.detail ?? `HTTP ${status}`) : t(`failure.${kind}`));
		this.kind = kind;
		this.status = status;
		this.problem = problem;
	}

	get type() {
		return this.problem?.type?.replace("/problems/", "") ?? "";
	}
}

let askForToken = () => Promise.resolve(false);
let tellWaiting = () => {};
let asking = null;

/** Set what asks a person for the token, and what tells that a request waits for its next attempt. */
export function connect({ signIn, waiting }) {
	askForToken = signIn;
	tellWaiting = waiting;
}

/** A storage of the browser, or one that lasts as long as the page where the browser has blocked it. */
export function storageOf(name) {
	try {
		return window[name];
	} catch {
		const values = new Map();
		const getItem = (key) => values.get(key) ?? null;
		return { getItem, setItem: (key, value) => values.set(key, value), removeItem: (key) => values.delete(key) };
	}
}

const storage = storageOf("sessionStorage");

export function setToken(token) {
	storage.setItem(TOKEN, token);
}

export const hasToken = () => storage.getItem(TOKEN) !== null;

/**
 * Send a request and return { status, headers, body, isRepeated }: JSON is parsed; `as: "blob"` returns the body as it is.
 *
 * A `body` that is a plain object is sent as JSON, everything else as it is. Parameters without a value are left out;
 * an array is repeated. What can be `repeated` is sent again after a lost reply, and when the registry is busy.
 * Throws Failure; an aborted request throws AbortError.
 */
export async function ask(path, options = {}) {
	const { method = "GET", repeated = method !== "POST", signal } = options;
	for (let attempt = 1; ; attempt += 1) {
		const isLast = !repeated || attempt === ATTEMPTS;
		const token = storage.getItem(TOKEN);
		let answer;
		try {
			answer = await send(path, options, token);
		} catch (error) {
			if (signal?.aborted) throw error;
			if (isLast) throw new Failure("offline");
			await pause(attempt / 2, signal);
			continue;
		}
		if (answer.status < 400) return { ...answer, isRepeated: attempt > 1 };
		const failure = failureOf(answer, token);
		if (failure.kind === "busy" && !isLast) {
			tellWaiting(true);
			try {
				await pause(Math.min(Number(answer.headers.get("Retry-After")) || attempt, MAX_WAIT_SECONDS), signal);
			} finally {
				tellWaiting(false);
			}
		} else if (failure.kind === "signed_out" && (token !== storage.getItem(TOKEN) || (await tokenGiven(failure, token)))) {
			attempt = 0;
		} else {
			throw failure;
		}
	}
}

/** All pages of requests that need a token wait for the same person. */
async function tokenGiven(failure, token) {
	asking ??= askForToken(failure, token !== null).finally(() => {
		asking = null;
	});
	return await asking;
}

async function send(path, { method = "GET", query = {}, body, headers = {}, signal, keepalive, as = "json" }, token) {
	const isJson = Object.getPrototypeOf(body ?? "") === Object.prototype;
	const response = await fetch(address(path, query), {
		method,
		signal,
		keepalive,
		headers: {
			...(isJson && { "Content-Type": "application/json" }),
			...(token && { Authorization: `Bearer ${token}` }),
			...headers
		},
		body: isJson ? JSON.stringify(body) : body
	});
	const content = response.ok && as === "blob" ? await response.blob() : parsed(await response.text());
	return { status: response.status, headers: response.headers, body: content };
}

export function address(path, query = {}) {
	const pairs = Object.entries(query).flatMap(([name, value]) => [value].flat().map((each) => [name, each ?? ""]));
	const given = new URLSearchParams(pairs.filter(([, value]) => value !== ""));
	return given.size > 0 ? `../${path}?${given}` : `../${path}`;
}

function parsed(text) {
	try {
		return JSON.parse(text);
	} catch {
		return null; // a page of a proxy, or no body
	}
}

/** A gateway answers {"message": …}, the API problem details. */
function failureOf({ status, body }, token) {
	const problem = body?.type ? body : null;
	if (status === 401) return new Failure("signed_out", status, problem);
	if (status === 403 && !problem) return new Failure(token ? "forbidden" : "signature", status);
	if ([429, 502, 503, 504].includes(status)) return new Failure("busy", status, problem);
	return new Failure("problem", status, problem);
}

function pause(seconds, signal) {
	return new Promise((resolve, reject) => {
		const timer = setTimeout(resolve, seconds * 1000);
		signal?.addEventListener("abort", () => {
			clearTimeout(timer);
			reject(signal.reason);
		});
	});
}
