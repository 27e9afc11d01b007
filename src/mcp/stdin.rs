//! Tells when the client has closed our input, which rmcp does not let us see before its own wait is over.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::sync::watch;

/// A reader that tells when there is nothing more to read.
pub(super) struct Watched<R> {
    inner: R,
    ended: watch::Sender<bool>,
}

impl<R> Watched<R> {
    /// Sets `ended` once `inner` has ended or failed.
    pub(super) fn new(inner: R, ended: watch::Sender<bool>) -> Self {
        Watched { inner, ended }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Watched<R> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.remaining();
        let read = ready!(Pin::new(&mut this.inner).poll_read(cx, buf));
        if before > 0 && (read.is_err() || buf.remaining() == before) {
            this.ended.send_replace(true);
        }
        Poll::Ready(read)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt;

    use super::*;

    #[tokio::test]
    async fn it_tells_at_the_end_and_not_before() {
        let (ended, hung_up) = watch::channel(false);
        let mut reader = Watched::new(&b"ab"[..], ended);
        let mut byte = [0; 1];
        reader.read_exact(&mut byte).await.unwrap();
        assert!(!*hung_up.borrow());
        assert_eq!(reader.read_to_end(&mut Vec::new()).await.unwrap(), 1);
        assert!(*hung_up.borrow());
    }
}
