//! Opens the address of the HTTP API for users, and tells them the address and the token.

use super::{
    LOG,
    http::{self, App},
    params::Listen,
};
use dpin_loopback::token;
use futures::{FutureExt, future::BoxFuture};
use polkadot_sdk::sc_service::Error as ServiceError;
use std::{
    fs, io,
    net::{SocketAddr, TcpListener},
    path::Path,
};

/// Serves users at the address that the flags ask for. Returns the task of the server, if there is
/// one. `app` makes the server's parts from the token.
///
/// # Errors
///
/// When the address of `--blob-listen` cannot be opened.
pub(super) fn serve(
    listen: Listen,
    dir: &Path,
    app: impl FnOnce(String) -> App,
) -> Result<Option<BoxFuture<'static, ()>>, ServiceError> {
    let (Listen::At(address) | Listen::IfFree(address)) = listen else { return Ok(None) };
    match open(address, dir) {
        Ok((listener, token)) => Ok(Some(run(listener, app(token)).boxed())),
        Err(error) if listen == Listen::IfFree(address) => {
            log::warn!(target: LOG, "Blobs are not served over HTTP at {address}: {error}");
            Ok(None)
        }
        Err(error) => Err(format!("--blob-listen {address}: {error}").into()),
    }
}

async fn run(listener: TcpListener, app: App) {
    match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => http::serve(listener, app).await,
        Err(error) => log::error!(target: LOG, "Blobs are not served over HTTP: {error}"),
    }
}

/// Listens at `address`, and writes the token and the address to files for users of the machine.
fn open(address: SocketAddr, dir: &Path) -> io::Result<(TcpListener, String)> {
    if !address.ip().is_loopback() {
        let text =
            "it is not a loopback address. Other machines need TLS: put a reverse proxy in front of a loopback address";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let token = token_in(&dir.join("token"))?;
    fs::write(dir.join("address"), address.to_string())?;
    log::info!(target: LOG, "📦 Blobs are served at http://{address}/blob/<id>");
    Ok((listener, token))
}

/// Returns the token in a file. Creates the file with a new token if it is missing or empty.
fn token_in(file: &Path) -> io::Result<String> {
    match fs::read_to_string(file) {
        Ok(token) if !token.trim().is_empty() => return Ok(token.trim().into()),
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let token = token::generate()?;
    token::replace(file, &token)?;
    Ok(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_loopback_addresses_are_listened_at() {
        let dir = tempfile::tempdir().unwrap();
        let error = open("0.0.0.0:0".parse().unwrap(), dir.path()).unwrap_err();
        assert!(error.to_string().contains("loopback"), "{error}");
        let (listener, token) = open("127.0.0.1:0".parse().unwrap(), dir.path()).unwrap();
        let written = fs::read_to_string(dir.path().join("address")).unwrap();
        assert_eq!(written, listener.local_addr().unwrap().to_string());
        assert_eq!(fs::read_to_string(dir.path().join("token")).unwrap(), token);
    }

    #[test]
    fn the_token_stays_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let token = || open("127.0.0.1:0".parse().unwrap(), dir.path()).unwrap().1;
        assert_eq!(token(), token());
    }
}
