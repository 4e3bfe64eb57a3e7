package wire

import (
	"net/http"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/minik8s/minik8s/apiserver"
)

func (x *exchange) get() error {
	rep, err := x.represent(x.r, x.endpoint)
	if err != nil {
		return err
	}
	req := x.request(apiserver.Get)
	if req.GetOptions, err = getOptions(x.r); err != nil {
		return err
	}
	res, err := x.read(req, req.GetOptions.ResourceVersion)
	if err != nil {
		return err
	}
	return x.answer(rep, http.StatusOK, res)
}

func (x *exchange) list() error {
	rep, err := x.represent(x.r, x.endpoint)
	if err != nil {
		return err
	}
	req := x.request(apiserver.List)
	if req.ListOptions, err = listOptions(x.r); err != nil {
		return err
	}
	res, err := x.read(req, req.ListOptions.ResourceVersion)
	if err != nil {
		return err
	}
	return rep.writeList(x.w, x.r, res.Items, listMeta(res))
}

// listMeta is what an answer says of its list.
func listMeta(res apiserver.Response) metav1.ListMeta {
	about := metav1.ListMeta{Continue: res.Continue, RemainingItemCount: res.Remaining}
	if res.Revision > 0 {
		about.ResourceVersion = strconv.FormatInt(res.Revision, 10)
	}
	return about
}

// answer writes the one object that a request gave.
func (x *exchange) answer(rep *representation, code int, res apiserver.Response) error {
	status, isStatus := res.Object.(*metav1.Status)
	if isStatus {
		noteStatus(x.w, status)
	}
	if !isStatus && rep.sharesEncodings() {
		data, err := rep.encoded(res.Object)
		if err != nil {
			return err
		}
		out := rep.body(x.w, x.r, code)
		out.Write(data)
		out.close()
		return nil
	}
	obj, err := rep.object(res.Object)
	if err != nil {
		return err
	}
	rep.write(x.w, x.r, code, obj)
	return nil
}
