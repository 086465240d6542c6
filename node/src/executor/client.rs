//! The node's side of the executor's HTTP API.

use codec::{Decode, DecodeAll};
use dpin_primitives::{
    BlobHash, Hash, JobId, TaskId,
    confidential::{MAX_RECIPIENT_CHARS, MAX_SEALED_BYTES, WantedKey},
    executor::{ExecutorConfig, ExecutorStatus, MAX_CHUNK_BYTES, MAX_LOG_BYTES, OutputChunk},
    kernel::MAX_TILE_BYTES,
};
use dpin_rpc::ExecutorError;
use std::{
    sync::{Arc, RwLock},
    time::Duration,
};

/// Timeout of a request, in addition to the wait that it asks for.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Lowest upload rate assumed for an executor on the same machine.
const SLOWEST_BYTES_PER_SECOND: u64 = 4 * 1024 * 1024;
/// Most bytes of an answer with a chunk of output: the chunk widened to whole tiles at both ends,
/// and its proof.
const MAX_CHUNK_ANSWER: u64 = MAX_CHUNK_BYTES as u64 + 2 * MAX_TILE_BYTES as u64 + 64 * 1024;
/// Most bytes of any other answer.
const MAX_ANSWER: u64 = 1024 * 1024;
/// Most bytes of an error's text.
const MAX_ERROR: u64 = 1024;

/// A shared handle of the executor. It is empty while there is no executor.
#[derive(Clone, Default)]
pub(crate) struct ExecutorHandle(Arc<RwLock<Option<Client>>>);

impl ExecutorHandle {
    /// Returns a client of the executor, `None` while there is no executor.
    pub(crate) fn client(&self) -> Option<Client> {
        self.0.read().unwrap_or_else(|poisoned| poisoned.into_inner()).clone()
    }

    /// Returns the executor's URL, `None` while there is no executor.
    pub(crate) fn url(&self) -> Option<String> {
        self.client().map(|client| client.url)
    }

    /// Sets the executor's address; `None` when the executor is gone.
    pub(crate) fn set(&self, address: Option<ExecutorConfig>) {
        *self.0.write().unwrap_or_else(|poisoned| poisoned.into_inner()) = address.map(Client::new);
    }

    fn require(&self) -> Result<Client, ExecutorError> {
        self.client().ok_or(ExecutorError::None)
    }
}

impl dpin_rpc::Executor for ExecutorHandle {
    fn output(&self, task: TaskId, offset: u64, length: u32) -> Result<Option<OutputChunk>, ExecutorError> {
        self.require()?.output(task, offset, length)
    }

    fn log(&self, hash: Hash) -> Result<Option<Vec<u8>>, ExecutorError> {
        self.require()?.log(hash)
    }

    fn task_report(&self, task: TaskId) -> Result<Option<Vec<u8>>, ExecutorError> {
        self.require()?.task_report(task)
    }

    fn recipient(&self) -> Result<String, ExecutorError> {
        self.require()?.recipient()
    }

    fn put_job_key(&self, job: JobId, sealed: &[u8]) -> Result<(), ExecutorError> {
        self.require()?.put_job_key(job, sealed)
    }

    fn reseal(&self, job: JobId, recipient: &str) -> Result<Option<Vec<u8>>, ExecutorError> {
        self.require()?.reseal(job, recipient)
    }
}

/// A client of one executor.
#[derive(Clone)]
pub(crate) struct Client {
    agent: ureq::Agent,
    url: String,
    authorization: String,
}

impl Client {
    /// Creates a client of the executor at `address`.
    pub(crate) fn new(address: ExecutorConfig) -> Self {
        let agent = ureq::Agent::config_builder()
            .timeout_global(Some(TIMEOUT))
            // The executor runs on this machine, and a proxy from the environment must not see its
            // token.
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .build()
            .into();
        Self { agent, url: address.url, authorization: format!("Bearer {}", address.token) }
    }

    /// Fetches the executor's status.
    pub(crate) fn status(&self) -> Result<ExecutorStatus, ExecutorError> {
        decode(self.get("v1/status", MAX_ANSWER)?.ok_or(ExecutorError::Malformed)?)
    }

    /// Returns the blobs that queued runs wait for. Waits up to `wait` until there is one.
    pub(crate) fn wanted(&self, wait: Duration) -> Result<Vec<BlobHash>, ExecutorError> {
        let path = format!("v1/wanted?wait_ms={}", wait.as_millis());
        decode(self.get(&path, MAX_ANSWER)?.ok_or(ExecutorError::Malformed)?)
    }

    /// Uploads a blob to the executor.
    pub(crate) fn put_blob(&self, hash: BlobHash, bytes: &[u8]) -> Result<(), ExecutorError> {
        self.put(&blob_path(hash), bytes.len() as u64, bytes)
    }

    /// Uploads a large blob of `length` bytes to the executor, streamed from `bytes`.
    pub(crate) fn put_large_blob(
        &self,
        hash: BlobHash,
        bytes: impl std::io::Read + 'static,
        length: u64,
    ) -> Result<(), ExecutorError> {
        self.put(&blob_path(hash), length, ureq::SendBody::from_owned_reader(bytes))
    }

    /// Fetches a part of a task's output, `None` if the executor does not keep it.
    pub(crate) fn output(&self, task: TaskId, offset: u64, length: u32) -> Result<Option<OutputChunk>, ExecutorError> {
        let path = format!("v1/outputs/{}/{}?offset={offset}&length={length}", task.job, task.index);
        self.get(&path, MAX_CHUNK_ANSWER)?.map(decode).transpose()
    }

    /// Fetches a log, `None` if the executor does not keep it.
    pub(crate) fn log(&self, hash: Hash) -> Result<Option<Vec<u8>>, ExecutorError> {
        self.get(&format!("v1/log/{}", hex::encode(hash)), MAX_LOG_BYTES as u64)
    }

    /// Fetches the report of the last run of a whole task, `None` if the executor does not keep it.
    pub(crate) fn task_report(&self, task: TaskId) -> Result<Option<Vec<u8>>, ExecutorError> {
        self.get(&format!("v1/reports/{}/{}", task.job, task.index), MAX_LOG_BYTES as u64)
    }

    /// Fetches the age recipient that job keys are sealed to.
    pub(crate) fn recipient(&self) -> Result<String, ExecutorError> {
        let bytes = self.get("v1/encryption-key", MAX_RECIPIENT_CHARS as u64)?.ok_or(ExecutorError::Malformed)?;
        String::from_utf8(bytes).map_err(|_| ExecutorError::Malformed)
    }

    /// Returns the job keys that queued runs wait for. Waits up to `wait` until there is one.
    pub(crate) fn wanted_keys(&self, wait: Duration) -> Result<Vec<WantedKey>, ExecutorError> {
        let path = format!("v1/wanted-keys?wait_ms={}", wait.as_millis());
        decode(self.get(&path, MAX_ANSWER)?.ok_or(ExecutorError::Malformed)?)
    }

    /// Uploads a sealed job key to the executor.
    pub(crate) fn put_job_key(&self, job: JobId, sealed: &[u8]) -> Result<(), ExecutorError> {
        self.put(&format!("v1/keys/{job}"), sealed.len() as u64, sealed)
    }

    /// Returns a job's key, sealed to another recipient, or `None` if the executor does not have
    /// it.
    pub(crate) fn reseal(&self, job: JobId, recipient: &str) -> Result<Option<Vec<u8>>, ExecutorError> {
        let answer = self
            .agent
            .post(format!("{}/v1/keys/{job}/reseal", self.url))
            .header("Authorization", &self.authorization)
            .send(recipient)
            .map_err(unavailable)?;
        if answer.status() == 404 {
            return Ok(None);
        }
        let body = accepted(answer)?.into_body().into_with_config().limit(MAX_SEALED_BYTES as u64);
        body.read_to_vec().map_err(unavailable).map(Some)
    }

    /// Sends `length` bytes. The timeout grows with `length`, at the lowest assumed rate.
    fn put(&self, path: &str, length: u64, body: impl ureq::AsSendBody) -> Result<(), ExecutorError> {
        let answer = self
            .agent
            .put(format!("{}/{path}", self.url))
            .config()
            .timeout_global(Some(TIMEOUT + Duration::from_secs(length / SLOWEST_BYTES_PER_SECOND)))
            .build()
            .header("Authorization", &self.authorization)
            .header("Content-Type", "application/octet-stream")
            .header("Content-Length", length)
            .send(body)
            .map_err(unavailable)?;
        accepted(answer).map(drop)
    }

    /// Returns the answer's body, or `None` if the answer is 404.
    fn get(&self, path: &str, limit: u64) -> Result<Option<Vec<u8>>, ExecutorError> {
        let answer = self
            .agent
            .get(format!("{}/{path}", self.url))
            .header("Authorization", &self.authorization)
            .call()
            .map_err(unavailable)?;
        if answer.status() == 404 {
            return Ok(None);
        }
        accepted(answer)?.into_body().into_with_config().limit(limit).read_to_vec().map_err(unavailable).map(Some)
    }
}

fn blob_path(hash: BlobHash) -> String {
    format!("v1/blob/{}", hex::encode(hash))
}

fn unavailable(error: ureq::Error) -> ExecutorError {
    ExecutorError::Unavailable(error.to_string())
}

fn accepted(mut answer: ureq::http::Response<ureq::Body>) -> Result<ureq::http::Response<ureq::Body>, ExecutorError> {
    let status = answer.status().as_u16();
    if (200..300).contains(&status) {
        return Ok(answer);
    }
    let text = answer.body_mut().with_config().limit(MAX_ERROR).read_to_string().unwrap_or_default();
    Err(ExecutorError::Refused { status, text: text.trim().into() })
}

fn decode<T: Decode>(bytes: Vec<u8>) -> Result<T, ExecutorError> {
    T::decode_all(&mut bytes.as_slice()).map_err(|_| ExecutorError::Malformed)
}

/// A fake executor for tests: `answer` maps the first line and the body of a request to its answer.
#[cfg(test)]
pub(crate) mod fake {
    use super::*;
    use std::{
        io::{BufRead, BufReader, Read, Write},
        net::TcpListener,
    };

    /// Serves clients with the token of the returned address, on loopback until the test ends.
    pub(crate) fn serve(answer: impl Fn(&str, &[u8]) -> (u16, Vec<u8>) + Send + 'static) -> ExecutorConfig {
        serve_if("authorization: bearer secret", answer)
    }

    /// Serves clients with any token.
    pub(crate) fn serve_anyone(answer: impl Fn(&str, &[u8]) -> (u16, Vec<u8>) + Send + 'static) -> ExecutorConfig {
        serve_if("authorization: bearer ", answer)
    }

    /// Serves clients without a token, as a node does.
    pub(crate) fn serve_without_token(
        answer: impl Fn(&str, &[u8]) -> (u16, Vec<u8>) + Send + 'static,
    ) -> ExecutorConfig {
        serve_if("", answer)
    }

    fn serve_if(
        authorization: &'static str,
        answer: impl Fn(&str, &[u8]) -> (u16, Vec<u8>) + Send + 'static,
    ) -> ExecutorConfig {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let mut request = String::new();
                let (mut length, mut token) = (0, false);
                reader.read_line(&mut request).unwrap();
                loop {
                    let mut header = String::new();
                    reader.read_line(&mut header).unwrap();
                    let header = header.trim().to_ascii_lowercase();
                    if let Some(value) = header.strip_prefix("content-length: ") {
                        length = value.parse().unwrap();
                    }
                    token |= header.starts_with(authorization);
                    if header.is_empty() {
                        break;
                    }
                }
                let mut body = vec![0; length];
                reader.read_exact(&mut body).unwrap();
                let (status, body) = if token { answer(request.trim(), &body) } else { (401, b"no token".to_vec()) };
                let head =
                    format!("HTTP/1.1 {status} x\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).unwrap();
            }
        });
        ExecutorConfig { url, token: "secret".into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use codec::Encode;

    #[test]
    fn answers_are_decoded_and_absence_is_no_error() {
        let client = Client::new(fake::serve(|request, _| {
            if request.starts_with("GET /v1/wanted?wait_ms=5 ") {
                (200, vec![BlobHash::repeat_byte(1)].encode())
            } else {
                (404, b"no such output".to_vec())
            }
        }));
        assert_eq!(client.wanted(Duration::from_millis(5)).unwrap(), [BlobHash::repeat_byte(1)]);
        assert_eq!(client.output(TaskId { job: 1, index: 2 }, 0, 10).unwrap(), None);
    }

    #[test]
    fn a_refusal_carries_status_and_text() {
        let client = Client::new(fake::serve(|_, _| (400, b"hash does not match\n".to_vec())));
        let error = client.put_blob(BlobHash::zero(), b"x").unwrap_err();
        assert!(
            matches!(&error, ExecutorError::Refused { status: 400, text } if text == "hash does not match"),
            "{error}"
        );
    }

    #[test]
    fn what_does_not_decode_or_is_too_long_is_an_error() {
        let malformed = Client::new(fake::serve(|_, _| (200, vec![1, 2, 3])));
        assert!(matches!(malformed.wanted(Duration::ZERO), Err(ExecutorError::Malformed)));
        let endless = Client::new(fake::serve(|_, _| (200, vec![0; MAX_LOG_BYTES + 1])));
        assert!(endless.log(Hash::zero()).is_err());
    }

    #[test]
    fn job_keys_are_brought_wanted_and_sealed_anew() {
        let wanted = WantedKey { task: TaskId { job: 7, index: 1 }, checks: true };
        let client = Client::new(fake::serve(move |request, body| match request {
            "GET /v1/encryption-key HTTP/1.1" => (200, b"age1x".to_vec()),
            "GET /v1/wanted-keys?wait_ms=5 HTTP/1.1" => (200, vec![wanted].encode()),
            "PUT /v1/keys/7 HTTP/1.1" => (200, body.to_vec()),
            "POST /v1/keys/7/reseal HTTP/1.1" => (200, [b"sealed to ", body].concat()),
            _ => (404, Vec::new()),
        }));
        assert_eq!(client.recipient().unwrap(), "age1x");
        assert_eq!(client.wanted_keys(Duration::from_millis(5)).unwrap(), [wanted]);
        client.put_job_key(7, b"sealed").unwrap();
        assert!(client.put_job_key(8, b"sealed").is_err());
        assert_eq!(client.reseal(7, "age1y").unwrap(), Some(b"sealed to age1y".to_vec()));
        assert_eq!(client.reseal(8, "age1y").unwrap(), None);
    }

    #[test]
    fn nobody_there_is_an_error() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        drop(listener);
        let client = Client::new(ExecutorConfig { url, token: "secret".into() });
        assert!(matches!(client.status(), Err(ExecutorError::Unavailable(_))));
    }
}
