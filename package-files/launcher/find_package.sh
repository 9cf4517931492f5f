self=$0
while [ -L "$self" ]; do
    target=$(readlink "$self")
    case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
    esac
done
case $self in
*/*) ;;
*) self=$(command -v "$self") ;;
esac
package=$(CDPATH='' cd -P -- "${self%/*}/.." && pwd) || exit 1
