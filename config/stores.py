"""The buckets as the settings name them."""

from config.settings import Settings
from core.bucket import Bucket


def archive(settings: Settings, *, hurried: bool = False) -> Bucket:
    """Originals, machine results and manifests: private and versioned. ``hurried``: it answers in seconds, or fails."""
    return _bucket(settings, settings.archive_bucket, hurried=hurried)


def site(settings: Settings) -> Bucket:
    """Pages and media: readable by everyone."""
    return _bucket(settings, settings.site_bucket)


def snapshots(settings: Settings) -> Bucket | None:
    """Snapshots of the search index: private, made when first needed; may be emptied at any time."""
    return _bucket(settings, settings.index_bucket) if settings.index_bucket else None


def create(settings: Settings) -> None:
    """Make both buckets where they are not there yet."""
    archive(settings).create(versioned=True)
    site(settings).create(public=True)


def _bucket(settings: Settings, name: str, *, hurried: bool = False) -> Bucket:
    return Bucket(
        name,
        endpoint=settings.s3_endpoint,
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        region=settings.s3_region,
        hurried=hurried,
    )
