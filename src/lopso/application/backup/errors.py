"""Refusals of backup and restore, each a sentence for the operator."""

from lopso.kernel.errors import DomainError, Refused
from lopso.kernel.i18n import gettext as _


class BackupDamaged(DomainError):
    """The file is not whole, was altered, or does not hold what it says."""

    status = 422

    def __init__(self, what: str) -> None:
        super().__init__(_("Tệp sao lưu bị hỏng, không đủ hoặc đã bị sửa. Cơ sở dữ liệu không thay đổi."))
        self.what = what


class WrongBackupKey(DomainError):
    """The file was encrypted to other keys."""

    status = 422

    def __init__(self) -> None:
        super().__init__(_("Khoá này không mở được tệp sao lưu: tệp được mã hoá cho một khoá khác."))


class BadBackupKey(DomainError):
    """No key of the expected form; `key` is never said."""

    status = 422

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)


class NewerBackup(Refused):
    """The backup was made by a version whose migrations this one does not know."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            _(
                "Bản sao lưu do phiên bản Lớp Số mới hơn tạo ra (bước %(revision)s)."
                " Hãy cài phiên bản đó rồi khôi phục lại.",
                revision=revision,
            )
        )


class DatabaseNotEmpty(Refused):
    """The target holds tables, and nobody said that they may go."""

    def __init__(self) -> None:
        super().__init__(
            _("Cơ sở dữ liệu đã có dữ liệu. Muốn xoá hết và thay bằng bản sao lưu, hãy thêm --replace.")
        )


class DatabaseInUse(Refused):
    """Other programs are connected to the target."""

    def __init__(self) -> None:
        super().__init__(
            _("Còn chương trình đang dùng cơ sở dữ liệu này. Hãy dừng lopso serve và lopso worker trước.")
        )


class OtherSecret(Refused):
    """LOPSO_SECRET is set, and is not the one of the backup."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "LOPSO_SECRET khác với bản sao lưu, nên thẻ học viên đã in sẽ không mở được. Bỏ LOPSO_SECRET"
                " để dùng lại khoá trong bản sao lưu, hoặc thêm --keep-secret để giữ khoá hiện nay."
            )
        )


class BackupFileRefused(Refused):
    """The file system said no: `file` exists, or cannot be read or written."""


class NoDatabase(Refused):
    """There is nothing to back up yet."""

    def __init__(self) -> None:
        super().__init__(_("Cơ sở dữ liệu chưa có bảng nào, chưa có gì để sao lưu."))
